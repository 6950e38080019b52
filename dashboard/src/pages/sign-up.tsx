import { useSignal } from '@preact/signals';
import { createPasskey, hasPasskeys } from '../account/passkeys';
import { broker, signedIn, state } from '../app';
import { goOn, takeFragment, wantedPlace } from '../router';
import { Button, Field, Notice, Refusal } from '../ui/basic';
import { Narrow } from '../ui/frame';
import { Provider } from '../ui/provider';
import { useTask } from '../ui/tasks';

/** The first account, by the link that the broker printed: whoever can read that runs it. */
export function SetUp() {
  const token = useSignal(takeFragment());
  if (state.value && !state.value.needsSetup) {
    return (
      <Narrow title="This broker is set up">
        <p>The set-up link was used, and is worth nothing any more.</p>
        <a class="button first fill" href="/sign-in" data-page>
          Sign in
        </a>
      </Narrow>
    );
  }
  if (token.value === '') {
    return (
      <Narrow title="Set up this broker">
        <p>
          When it started, the broker printed a link that begins with this address and ends in a secret. Open that one to make the first account, which runs the
          broker.
        </p>
        <Notice>
          <p>It is printed again at each start, until there is an account. Where it runs as a service, look into its log.</p>
        </Notice>
      </Narrow>
    );
  }
  return (
    <Narrow title="Set up this broker">
      <p>This makes the first account. It runs the broker, so take a name that you keep.</p>
      <SignUpForm setup={token.value} onDone={goOn} />
    </Narrow>
  );
}

export function SignUp() {
  const invite = useSignal(takeFragment());
  const rule = state.value?.signUp;
  if (rule === 'closed' || (rule === 'invite' && invite.value === '')) {
    return (
      <Narrow title="Make an account">
        <p>
          {rule === 'closed'
            ? 'This broker takes no new accounts. Ask whoever runs it.'
            : 'On this broker an account is made by an invite. Ask somebody who is on it for a link, and open that.'}
        </p>
        <a class="button fill" href="/sign-in" data-page>
          Sign in
        </a>
      </Narrow>
    );
  }
  return (
    <Narrow title="Make an account">
      <SignUpForm invite={invite.value || undefined} onDone={goOn} />
      <p class="quiet">
        You have one?{' '}
        <a href="/sign-in" data-page>
          Sign in
        </a>
      </p>
    </Narrow>
  );
}

/** Names first; then a passkey, or a password for who cannot have one. */
export function SignUpForm({ setup, invite, onDone }: { setup?: string | undefined; invite?: string | undefined; onDone: () => void }) {
  const task = useTask();
  const [username, displayName, email, password] = [useSignal(''), useSignal(''), useSignal(''), useSignal('')];
  const byPassword = useSignal(!hasPasskeys());
  const names = () => ({
    username: username.value.trim(),
    displayName: displayName.value.trim() || username.value.trim(),
    ...(email.value.trim() ? { email: email.value.trim() } : {}),
    ...(setup ? { setup } : {}),
    ...(invite ? { invite } : {}),
  });
  const make = () =>
    task.run(async () => {
      if (byPassword.value) {
        signedIn(await broker.call('POST /api/auth/sign-up', { body: { ...names(), password: password.value } }));
      } else {
        const { ceremony, options } = await broker.call('POST /api/auth/passkeys/sign-up-options', { body: names() });
        signedIn(await broker.call('POST /api/auth/passkeys/sign-up', { body: { ceremony, credential: await createPasskey(options) } }));
      }
      onDone();
    });

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Field
        label="Username"
        hint="For signing in: letters, digits, and . _ - between them."
        autocomplete="username"
        value={username.value}
        onInput={(value) => {
          username.value = value;
        }}
        maxLength={32}
        mono
        required
      />
      <Field
        label="Your name"
        hint="As others see it. It can be changed."
        autocomplete="name"
        value={displayName.value}
        onInput={(value) => {
          displayName.value = value;
        }}
        maxLength={80}
      />
      {state.value?.mail && (
        <Field
          label="E-mail, if you like"
          type="email"
          autocomplete="email"
          value={email.value}
          onInput={(value) => {
            email.value = value;
          }}
        />
      )}
      {byPassword.value && (
        <Field
          label="Password"
          type="password"
          hint="At least 12 characters. Four unusual words are a good one."
          autocomplete="new-password"
          value={password.value}
          onInput={(value) => {
            password.value = value;
          }}
          required
          focus={hasPasskeys()}
        />
      )}
      <Refusal text={task.refusal} />
      <Button submit kind="first" fill busy={task.busy}>
        {byPassword.value ? 'Make the account' : 'Go on with a passkey'}
      </Button>
      {hasPasskeys() && (
        <p class="quiet small">
          {byPassword.value
            ? 'A passkey is unlocked by your face, finger or PIN, and cannot be guessed or phished. '
            : 'A passkey is kept by this device or your password manager and unlocked by your face, finger or PIN. '}
          <Button
            kind="plain"
            onClick={() => {
              byPassword.value = !byPassword.value;
            }}
          >
            {byPassword.value ? 'Use a passkey' : 'Use a password instead'}
          </Button>
        </p>
      )}
      <Provider words="Go on with" returnTo={wantedPlace()} setup={setup} invite={invite} />
    </form>
  );
}
