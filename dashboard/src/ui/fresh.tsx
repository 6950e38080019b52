import { useSignal } from '@preact/signals';
import { hasPasskeys, showPasskey } from '../account/passkeys';
import { broker, type FreshQuestion, freshQuestion, proved } from '../app';
import { Button, Field, Refusal } from './basic';
import { Dialog } from './dialog';
import { useLoaded, useTask } from './tasks';

/** Asks once more who one is, before what cannot be undone or gives keys away. */
export function FreshProof() {
  const question = freshQuestion.value;
  return question && <Proof question={question} />;
}

function Proof({ question }: { question: FreshQuestion }) {
  const mine = useLoaded(() => broker.call('GET /api/my/account'));
  const password = useSignal('');
  const code = useSignal('');
  const task = useTask();
  const withPasskey = () =>
    task.run(async () => {
      const { ceremony, options } = await broker.call('POST /api/auth/fresh/passkey-options');
      proved((await broker.call('POST /api/auth/fresh/passkey', { body: { ceremony, credential: await showPasskey(options) } })).freshUntil);
      question.answer(true);
    });
  const withPassword = () =>
    task.run(async () => {
      proved(
        (await broker.call('POST /api/auth/fresh/password', { body: { password: password.value, ...(code.value ? { code: code.value.trim() } : {}) } }))
          .freshUntil,
      );
      question.answer(true);
    });

  // Shown when it is known what can be asked for: a question that changes under the hand is answered wrongly.
  if (mine.value === null && mine.refusal === null) return null;
  const passkey = (mine.value?.passkeys.length ?? 0) > 0 && hasPasskeys();
  return (
    <Dialog title="Is it you?" onClose={() => question.answer(false)}>
      <p class="quiet">What you are about to do asks for your passkey or password once more. It counts for five minutes.</p>
      <Refusal text={task.refusal ?? mine.refusal} />
      {passkey && (
        <Button kind="first" fill busy={task.busy} onClick={withPasskey}>
          Use a passkey
        </Button>
      )}
      {passkey && mine.value?.hasPassword && <p class="or">or</p>}
      {mine.value?.hasPassword && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void withPassword();
          }}
        >
          <input class="hidden" type="text" autocomplete="username" value={mine.value.account.username} readOnly tabIndex={-1} aria-hidden="true" />
          <Field
            label="Password"
            type="password"
            autocomplete="current-password"
            value={password.value}
            onInput={(value) => {
              password.value = value;
            }}
            required
            focus={!passkey}
          />
          {mine.value.hasTotp && (
            <Field
              label="Code of your authenticator"
              inputMode="numeric"
              autocomplete="one-time-code"
              value={code.value}
              onInput={(value) => {
                code.value = value;
              }}
              required
            />
          )}
          <Button submit kind={passkey ? undefined : 'first'} fill busy={task.busy}>
            Use the password
          </Button>
        </form>
      )}
      {mine.value && !passkey && !mine.value.hasPassword && (
        <p>Here you have neither a passkey that this browser can use nor a password. Sign out and in again: a sign-in counts for five minutes as well.</p>
      )}
      <Button onClick={() => question.answer(false)} fill>
        Cancel
      </Button>
    </Dialog>
  );
}
