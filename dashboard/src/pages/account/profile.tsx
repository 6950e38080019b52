import { useSignal } from '@preact/signals';
import type { Reply } from '../../api/client';
import { broker, state } from '../../app';
import { Button, Field, Notice, Refusal } from '../../ui/basic';
import { Section } from '../../ui/frame';
import { useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';

export type Mine = Reply<'GET /api/my/account'>;

export function Profile({ mine, onChanged }: { mine: Mine; onChanged: () => Promise<void> }) {
  const displayName = useSignal(mine.account.displayName);
  const email = useSignal(mine.email ?? '');
  const task = useTask();
  const changed = displayName.value !== mine.account.displayName || email.value !== (mine.email ?? '');
  const save = () =>
    task.run(async () => {
      await broker.call('PATCH /api/my/account', {
        body: { displayName: displayName.value.trim(), ...(email.value === (mine.email ?? '') ? {} : { email: email.value.trim() }) },
      });
      await onChanged();
      if (state.value?.account) state.value = { ...state.value, account: { ...state.value.account, displayName: displayName.value.trim() } };
    });
  const sent = useSignal(false);
  const verify = () =>
    task.run(async () => {
      await broker.call('POST /api/my/email/verification');
      sent.value = true;
    });
  return (
    <Section
      title="Profile"
      about={
        <>
          <span class="mono">{mine.account.username}</span>
          {mine.account.isOperator && <> · runs this broker</>}
          <br />
          made <Time at={mine.createdAt} />
        </>
      }
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label="Your name"
          autocomplete="name"
          value={displayName.value}
          onInput={(value) => {
            displayName.value = value;
          }}
          maxLength={80}
          required
        />
        {(state.value?.mail || mine.email) && (
          <Field
            label="E-mail"
            type="email"
            autocomplete="email"
            hint={
              mine.email
                ? mine.emailVerified
                  ? 'Shown to be yours.'
                  : 'Not shown to be yours yet: open the link that was sent there.'
                : 'For letters about your account; nobody else sees it.'
            }
            value={email.value}
            onInput={(value) => {
              email.value = value;
            }}
          />
        )}
        <Refusal text={task.refusal} />
        {sent.value && <Notice kind="good">A letter is on its way to {mine.email}.</Notice>}
        <div class="row">
          <Button submit kind={changed ? 'first' : undefined} busy={task.busy}>
            Save
          </Button>
          {state.value?.mail && mine.email && !mine.emailVerified && !sent.value && (
            <Button busy={task.busy} onClick={verify}>
              Send the letter again
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}
