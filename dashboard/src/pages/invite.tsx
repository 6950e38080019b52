import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { shortKey } from '../account/devices';
import { type Invited, join, lookAt } from '../account/joining';
import { account, broker, state } from '../app';
import { InviteSecret, isWireId, writeInviteLink } from '../crypto';
import { place, remember, takeFragment } from '../router';
import { Button, Copyable, Field, Notice, Refusal } from '../ui/basic';
import { Narrow } from '../ui/frame';
import { useLoaded, useTask } from '../ui/tasks';
import { Time } from '../ui/time';
import { type ReadyKeys, WithKeys } from './keys';
import { SignInForm } from './sign-in';
import { SignUpForm } from './sign-up';

/** An invite: what it is for is shown first, to anybody; then one signs in, and joins by a click. */
export function InvitePage({ inviteId }: { inviteId: string }) {
  const fragment = useSignal(takeFragment());
  const secret = useSignal(InviteSecret.tryFragment(fragment.value));
  if (!isWireId(inviteId) || (fragment.value !== '' && secret.value === null)) {
    return (
      <Narrow title="This is no invite">
        <p>The link is not whole, or was changed on its way. Ask for it once more, and copy it from its beginning to its end.</p>
      </Narrow>
    );
  }
  return <Look inviteId={inviteId} secret={secret.value} />;
}

function Look({ inviteId, secret }: { inviteId: string; secret: InviteSecret | null }) {
  const invited = useLoaded(() => lookAt(broker, inviteId, secret));
  const joined = useSignal<{ name: string; waiting: boolean } | null>(null);
  if (joined.value) return <Joined {...joined.value} />;
  if (invited.value === null) {
    return (
      <Narrow title="An invite">
        {invited.refusal === null ? (
          <p class="quiet" role="status">
            <span class="busy" aria-hidden="true" /> Looking at it
          </p>
        ) : (
          <Refusal text={invited.refusal} />
        )}
      </Narrow>
    );
  }
  return (
    <Narrow title={`Join ${invited.value.info.name}`}>
      <Facts invited={invited.value} />
      {account.value ? (
        <WithKeys otherwise={<InTerminal inviteId={inviteId} secret={secret} />}>
          {(keys) => (
            <Join
              keys={keys}
              invited={invited.value!}
              onJoined={(answer) => {
                joined.value = answer;
              }}
            />
          )}
        </WithKeys>
      ) : (
        <WhoAreYou inviteId={inviteId} />
      )}
      {account.value === null && <InTerminal inviteId={inviteId} secret={secret} />}
    </Narrow>
  );
}

function Facts({ invited }: { invited: Invited }) {
  const { info, sealed } = invited;
  return (
    <>
      <div class="card">
        <dl class="facts">
          <dt>Workspace</dt>
          <dd>
            <strong>{info.name}</strong> <span class="quiet mono">{info.slug}</span>
          </dd>
          <dt>You will be</dt>
          <dd>{info.role === 'member' ? 'a member' : `an ${info.role}`}</dd>
          {sealed && (
            <>
              <dt>Invited by the key</dt>
              <dd class="mono">{shortKey(sealed.package.inviter)}</dd>
            </>
          )}
          <dt>Good until</dt>
          <dd>
            <Time at={new Date(info.expiresAt).toISOString()} />
          </dd>
        </dl>
      </div>
      {sealed === null && (
        <Notice title="The link came without its secret">
          <p>Mail and some chat programs cut it off. You can ask to join, and read once an admin has let you in. With the whole link you read at once.</p>
        </Notice>
      )}
    </>
  );
}

function WhoAreYou({ inviteId }: { inviteId: string }) {
  const isNew = useSignal(state.value?.signUp !== 'closed');
  const switchTo = (to: boolean) => () => {
    isNew.value = to;
  };
  const nothing = () => {};
  // A provider's sign-in leaves the page and comes back to this address; the link's secret does not, and the page says so then.
  useEffect(() => remember(place.peek()), []);
  return (
    <section class="stack" aria-label={isNew.value ? 'Make an account' : 'Sign in'}>
      <h2>{isNew.value ? 'Make an account to join' : 'Sign in to join'}</h2>
      {isNew.value ? <SignUpForm invite={inviteId} onDone={nothing} /> : <SignInForm onDone={nothing} />}
      {state.value?.signUp !== 'closed' && (
        <p class="quiet">
          {isNew.value ? 'You have an account here? ' : 'New here? '}
          <Button kind="plain" onClick={switchTo(!isNew.value)}>
            {isNew.value ? 'Sign in' : 'Make an account'}
          </Button>
        </p>
      )}
    </section>
  );
}

type JoinProps = { keys: ReadyKeys; invited: Invited; onJoined: (joined: { name: string; waiting: boolean }) => void };

function Join({ keys, invited, onJoined }: JoinProps) {
  const name = useSignal(account.value?.displayName ?? '');
  const task = useTask();
  const go = () =>
    task.run(async () => {
      onJoined(await join(broker, keys, invited, name.value.trim()));
    });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Field
        label="Your name there"
        value={name.value}
        onInput={(value) => {
          name.value = value;
        }}
        maxLength={80}
        required
      />
      <Refusal text={task.refusal} />
      <Button submit kind="first" fill busy={task.busy}>
        {invited.sealed ? 'Join' : 'Ask to join'}
      </Button>
    </form>
  );
}

function InTerminal({ inviteId, secret }: { inviteId: string; secret: InviteSecret | null }) {
  const link = writeInviteLink({ broker: location.origin, inviteId, secret });
  return (
    <details>
      <summary class="quiet">Rather in a terminal</summary>
      <div class="stack close">
        <p class="quiet small">It has a secret in it: put it nowhere but in your own terminal.</p>
        <Copyable text={`claudemesh join "${link}"`} label="Copy the command" />
      </div>
    </details>
  );
}

function Joined({ name, waiting }: { name: string; waiting: boolean }) {
  return (
    <Narrow title={waiting ? 'You asked to join' : `You are in ${name}`}>
      {waiting ? (
        <p>An admin of {name} sees your request and lets you in. Until then you read nothing.</p>
      ) : (
        <p>You are the same member on every machine where you are signed in. Your sessions meet the others as soon as one of your machines is on it.</p>
      )}
      <a class="button first fill" href="/" data-page>
        Home
      </a>
    </Narrow>
  );
}
