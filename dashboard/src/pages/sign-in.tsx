import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hasPasskeys, offersInField, showPasskey } from '../account/passkeys';
import { broker, signedIn, state } from '../app';
import { broughtRefusal } from '../brought';
import { goOn, wantedPlace } from '../router';
import { Button, Field, Refusal } from '../ui/basic';
import { Narrow } from '../ui/frame';
import { Provider } from '../ui/provider';
import { type Task, useTask } from '../ui/tasks';

export function SignIn() {
  return (
    <Narrow title="Sign in">
      <Refusal text={broughtRefusal()} />
      <SignInForm onDone={goOn} />
      {state.value?.signUp === 'open' && (
        <p class="quiet">
          New here?{' '}
          <a href="/sign-up" data-page>
            Make an account
          </a>
        </p>
      )}
    </Narrow>
  );
}

/** Passkey first, password second, a code after it where the account has an authenticator. */
export function SignInForm({ onDone }: { onDone: () => void }) {
  const task = useTask();
  const ceremony = useSignal<string | null>(null);
  if (ceremony.value !== null) {
    return (
      <SecondFactor
        ceremony={ceremony.value}
        task={task}
        onDone={onDone}
        onBack={() => {
          ceremony.value = null;
          task.clear();
        }}
      />
    );
  }
  return (
    <FirstFactor
      task={task}
      onDone={onDone}
      onSecond={(next) => {
        ceremony.value = next;
      }}
    />
  );
}

function FirstFactor({ task, onDone, onSecond }: { task: Task; onDone: () => void; onSecond: (ceremony: string) => void }) {
  const username = useSignal('');
  const password = useSignal('');
  const waiting = useSignal<AbortController | null>(null);

  // The browser offers its passkeys in the field, without a click; a button asked for instead ends that question.
  useEffect(() => {
    const question = new AbortController();
    waiting.value = question;
    void offerInField(question.signal, onDone);
    return () => question.abort();
  }, [onDone, waiting]);

  const byPasskey = () =>
    task.run(async () => {
      waiting.value?.abort();
      const { ceremony, options } = await broker.call('POST /api/auth/passkeys/options', { body: {} });
      signedIn(await broker.call('POST /api/auth/passkeys/sign-in', { body: { ceremony, credential: await showPasskey(options) } }));
      onDone();
    });
  const byPassword = () =>
    task.run(async () => {
      const step = await broker.call('POST /api/auth/sign-in', { body: { username: username.value.trim(), password: password.value } });
      if (step.secondFactor) {
        onSecond(step.secondFactor);
        return;
      }
      signedIn(step);
      onDone();
    });

  return (
    <>
      <Refusal text={task.refusal} />
      {hasPasskeys() && (
        <>
          <Button kind="first" fill busy={task.busy} onClick={byPasskey}>
            Sign in with a passkey
          </Button>
          <p class="or">or with a password</p>
        </>
      )}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void byPassword();
        }}
      >
        <Field
          label="Username"
          autocomplete="username webauthn"
          value={username.value}
          onInput={(value) => {
            username.value = value;
          }}
          mono
          required
        />
        <Field
          label="Password"
          type="password"
          autocomplete="current-password"
          value={password.value}
          onInput={(value) => {
            password.value = value;
          }}
          required
        />
        <Button submit kind={hasPasskeys() ? undefined : 'first'} fill busy={task.busy}>
          Sign in
        </Button>
      </form>
      <Provider words="Sign in with" returnTo={wantedPlace()} />
    </>
  );
}

async function offerInField(signal: AbortSignal, onDone: () => void): Promise<void> {
  if (!(await offersInField()) || signal.aborted) return;
  try {
    const { ceremony, options } = await broker.call('POST /api/auth/passkeys/options', { body: {}, signal });
    const credential = await showPasskey(options, signal);
    signedIn(await broker.call('POST /api/auth/passkeys/sign-in', { body: { ceremony, credential } }));
    onDone();
  } catch {
    // Nobody asked for it: who wants to know why it failed presses the button.
  }
}

function SecondFactor({ ceremony, task, onDone, onBack }: { ceremony: string; task: Task; onDone: () => void; onBack: () => void }) {
  const code = useSignal('');
  const send = () =>
    task.run(async () => {
      signedIn(await broker.call('POST /api/auth/second-factor', { body: { ceremony, code: code.value.trim() } }));
      onDone();
    });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Refusal text={task.refusal} />
      <Field
        label="Code of your authenticator"
        hint="Six digits. Without the authenticator at hand, one of your recovery codes does as well."
        autocomplete="one-time-code"
        value={code.value}
        onInput={(value) => {
          code.value = value;
        }}
        mono
        focus
        required
      />
      <Button submit kind="first" fill busy={task.busy}>
        Go on
      </Button>
      <Button onClick={onBack} fill>
        Back
      </Button>
    </form>
  );
}
