import type { ComponentChildren } from 'preact';
import type { Enrolment } from '../account/enrolment';
import { agreeToRenewal, enrolHere, enrolment, enrolmentRefusal } from '../account/here';
import { Button, Notice } from '../ui/basic';
import { useTask } from '../ui/tasks';
import { Time } from '../ui/time';
import { LetIn } from './let-in';

export type ReadyKeys = Extract<Enrolment, { is: 'ready' }>['keys'];

/** What needs the account's keys; where this browser does not have them it is said why, and what to do. */
export function WithKeys({ children, otherwise }: { children: (keys: ReadyKeys) => ComponentChildren; otherwise?: ComponentChildren }) {
  const found = enrolment.value;
  if (enrolmentRefusal.value !== null) {
    return (
      <Notice kind="danger" alert>
        <p>{enrolmentRefusal.value}</p>
        <div>
          <Button slight onClick={enrolHere}>
            Try again
          </Button>
        </div>
      </Notice>
    );
  }
  switch (found?.is) {
    case undefined:
      return (
        <p class="quiet" role="status">
          <span class="busy" aria-hidden="true" /> Looking for your keys in this browser
        </p>
      );
    case 'ready':
      return <>{children(found.keys)}</>;
    case 'new':
      return <LetIn found={found} />;
    case 'renewed':
      return <Renewed found={found} />;
    case 'without-storage':
      return (
        <>
          <WithoutStorage />
          {otherwise}
        </>
      );
    case 'refused':
      return <Refused />;
  }
}

export function WithoutStorage() {
  if (!isSecureContext) {
    return (
      <Notice title="This address is not secure">
        <p>
          Browsers give pages no keys over plain http, unless they are on the same computer. You are signed in and can look after your account; what needs your
          keys is left out. Open this broker by its https address, or use the terminal.
        </p>
      </Notice>
    );
  }
  return (
    <Notice title="This browser keeps nothing">
      <p>
        It is a private window, or storage is blocked for this page. You are signed in and can look after your account, but your keys cannot live here: what
        needs them is left out. Use a usual window, or the terminal.
      </p>
    </Notice>
  );
}

function Renewed({ found }: { found: Extract<Enrolment, { is: 'renewed' }> }) {
  const task = useTask();
  return (
    <Notice kind="accent" title="Your account has new keys">
      <p>
        A device of yours replaced them <Time at={new Date(found.at).toISOString()} />, as one does after a machine was lost. The change is signed by the keys
        that this browser has. If it was you, take them over.
      </p>
      <p>If you know nothing of it, do not: look at the devices of your account first, and ask who else has one.</p>
      <div>
        <Button kind="first" busy={task.busy} onClick={() => task.run(agreeToRenewal)}>
          It was me: take the new keys
        </Button>
      </div>
    </Notice>
  );
}

function Refused() {
  return (
    <Notice kind="danger" title="Something is wrong with this broker">
      <p>
        It shows keys for your account that do not follow from the ones that this browser has. Either it was set back to an older copy, or somebody wants this
        browser to use other keys. Nothing was taken over. Compare with <code>claudemesh whoami</code> in a terminal, and talk to whoever runs the broker.
      </p>
    </Notice>
  );
}
