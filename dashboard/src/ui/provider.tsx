import { broker, state } from '../app';
import { Button, Refusal } from './basic';
import { useTask } from './tasks';

/** Whoever else vouches for people here, if there is anybody. The browser leaves this page and comes back to it. */
export function Provider({ words, returnTo, setup, invite }: { words: string; returnTo: string; setup?: string | undefined; invite?: string | undefined }) {
  const oidc = state.value?.oidc;
  if (!oidc) return null;
  return (
    <a class="button fill" href={address(returnTo, setup, invite)}>
      {words} {oidc.name}
    </a>
  );
}

/** The same for who is signed in, and wants to sign in that way from now on. */
export function LinkProvider() {
  const oidc = state.value?.oidc;
  const task = useTask();
  const link = () =>
    task.run(async () => {
      // The broker asks for the proof, too; there is no page of it to ask on once this one is left.
      if (broker.isFresh() || (await broker.confirm())) location.assign(address('/account'));
    });
  return (
    oidc && (
      <>
        <Refusal text={task.refusal} />
        <Button slight busy={task.busy} onClick={link}>
          Link {oidc.name}
        </Button>
      </>
    )
  );
}

function address(returnTo: string, setup?: string, invite?: string): string {
  const query = new URLSearchParams({ returnTo, ...(setup ? { setup } : {}), ...(invite ? { invite } : {}) });
  return `/api/auth/oidc/start?${query}`;
}
