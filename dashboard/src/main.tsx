import { effect, useSignal } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { enrolHere } from './account/here';
import { textOf } from './api/problem';
import { account, load, state } from './app';
import { AccountPage } from './pages/account';
import { DevicePage } from './pages/device';
import { Home } from './pages/home';
import { InvitePage } from './pages/invite';
import { SignIn } from './pages/sign-in';
import { SetUp, SignUp } from './pages/sign-up';
import { followLinks, go, goOn, opened, place, signInFirst } from './router';
import { Button, Loading, Notice } from './ui/basic';
import { Narrow } from './ui/frame';
import { FreshProof } from './ui/fresh';

function Page() {
  const refusal = useSignal<string | null>(null);
  const begin = async () => {
    refusal.value = null;
    try {
      await load();
    } catch (error) {
      refusal.value = textOf(error);
    }
  };
  useEffect(() => {
    void begin();
  }, []);

  if (refusal.value !== null) {
    return (
      <Narrow title="The broker does not answer">
        <Notice kind="danger" alert>
          {refusal.value}
        </Notice>
        <Button kind="first" fill onClick={begin}>
          Try again
        </Button>
      </Narrow>
    );
  }
  return state.value === null ? (
    <Loading />
  ) : (
    <>
      <Place key={opened.value} path={place.value.split('?')[0]!} />
      <FreshProof />
    </>
  );
}

function Place({ path }: { path: string }) {
  if (path === '/setup') return <SetUp />;
  if (state.value?.needsSetup) return <Elsewhere to="/setup" />;
  if (path === '/sign-up') return <SignUp />;
  if (path === '/sign-in') return account.value ? <SignedInAlready /> : <SignIn />;
  if (path.startsWith('/i/')) return <InvitePage key={path} inviteId={path.slice('/i/'.length)} />;
  if (path !== '/' && path !== '/device' && path !== '/account') return <Nowhere />;
  if (!account.value) return <SignInFirst />;
  if (path === '/device') return <DevicePage key={place.value} />;
  return path === '/account' ? <AccountPage /> : <Home />;
}

function Elsewhere({ to }: { to: string }) {
  useEffect(() => go(to, 'replace'), [to]);
  return null;
}

function SignInFirst() {
  useEffect(signInFirst, []);
  return null;
}

function SignedInAlready() {
  useEffect(goOn, []);
  return null;
}

function Nowhere() {
  return (
    <Narrow title="There is nothing here">
      <p>The address is not one of this broker's pages.</p>
      <a class="button fill" href="/" data-page>
        Home
      </a>
    </Narrow>
  );
}

followLinks();

// Whoever signs in, on whatever page: this browser looks what it has of his keys.
let known: string | null = null;
effect(() => {
  const user = account.value?.userId ?? null;
  if (user === known) return;
  known = user;
  void enrolHere();
});

render(<Page />, document.getElementById('page')!);
