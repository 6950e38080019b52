import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { account, broker, signedOut } from '../app';
import { go, place } from '../router';
import { Brand, Button } from './basic';
import { useTask } from './tasks';

type FrameProps = { title: string; wider?: boolean; children: ComponentChildren };

/** A page about one thing. */
export function Narrow({ title, wider, children }: FrameProps) {
  return (
    <main class={wider ? 'narrow wider' : 'narrow'}>
      <Brand />
      <Title text={title} />
      {children}
    </main>
  );
}

/** A page of somebody who is signed in. */
export function Wide({ title, children }: FrameProps) {
  return (
    <>
      <Bar />
      <main class="wide" id="content" tabIndex={-1}>
        <Title text={title} />
        {children}
      </main>
    </>
  );
}

/** By script: what follows a # in an address of ours is a secret, and is taken for one. */
function toContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** Takes the focus when the page changes, so that whoever does not see it hears where he is. */
function Title({ text }: { text: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text === 'claudemesh' ? text : `${text} · claudemesh`;
    if (document.activeElement === document.body || document.activeElement === null) heading.current?.focus({ preventScroll: true });
  }, [text]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {text}
    </h1>
  );
}

function Bar() {
  const task = useTask();
  const here = place.value.split('?')[0];
  const leave = () =>
    task.run(async () => {
      await broker.call('POST /api/auth/sign-out');
      signedOut();
      go('/sign-in');
    });
  return (
    <header class="bar">
      <a class="skip" href={place.value} onClick={toContent}>
        Skip to the content
      </a>
      <div>
        <Brand />
        <nav aria-label="Pages">
          <a href="/" data-page aria-current={here === '/' ? 'page' : undefined}>
            Home
          </a>
          <a href="/account" data-page aria-current={here === '/account' ? 'page' : undefined}>
            Account
          </a>
        </nav>
        <Button slight busy={task.busy} onClick={leave} label={`Sign out ${account.value?.displayName ?? ''}`}>
          Sign out
        </Button>
      </div>
    </header>
  );
}

/** One subject of a long page: what it is on the left, what there is to do on the right. */
export function Section({ title, about, children }: { title: string; about?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {about && <p class="quiet small">{about}</p>}
      </header>
      <div class="stack">{children}</div>
    </section>
  );
}
