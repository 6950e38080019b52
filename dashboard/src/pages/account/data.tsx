import { useSignal } from '@preact/signals';
import { forgetHere } from '../../account/here';
import { broker, signedOut } from '../../app';
import { go } from '../../router';
import { Button, Field, Notice, Refusal } from '../../ui/basic';
import { Dialog } from '../../ui/dialog';
import { Section } from '../../ui/frame';
import { useTask } from '../../ui/tasks';
import type { Mine } from './profile';

export function Data({ mine }: { mine: Mine }) {
  const deleting = useSignal(false);
  const task = useTask();
  const download = () =>
    task.run(async () => {
      const data = await broker.call('GET /api/my/export');
      const address = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
      const link = document.createElement('a');
      link.href = address;
      link.download = `claudemesh-${mine.account.username}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    });
  return (
    <Section title="Your data">
      <Refusal text={task.refusal} />
      <div class="row">
        <Button slight busy={task.busy} onClick={download}>
          Download what the broker keeps of you
        </Button>
        <Button
          slight
          kind="danger"
          onClick={() => {
            deleting.value = true;
          }}
        >
          Delete the account
        </Button>
      </div>
      {deleting.value && (
        <Delete
          mine={mine}
          onClose={() => {
            deleting.value = false;
          }}
        />
      )}
    </Section>
  );
}

function Delete({ mine, onClose }: { mine: Mine; onClose: () => void }) {
  const typed = useSignal('');
  const task = useTask();
  const remove = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/account', { body: { confirm: typed.value.trim() } });
      await forgetHere();
      signedOut();
      go('/sign-in', 'replace');
    });
  return (
    <Dialog title="Delete your account?" onClose={onClose}>
      <Notice kind="danger" title="This is final">
        <p>
          Your login, your devices, sessions and tokens end at once. You leave every workspace, and what was encrypted for you cannot be opened again, by
          anybody.
        </p>
        <p>What you posted stays in its topics. A workspace that you own has to be handed over or deleted first.</p>
      </Notice>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void remove();
        }}
      >
        <Field
          label={`Type your username, ${mine.account.username}, to delete it`}
          value={typed.value}
          onInput={(value) => {
            typed.value = value;
          }}
          mono
          required
          focus
        />
        <Refusal text={task.refusal} />
        <div class="row">
          <Button submit kind="danger" busy={task.busy}>
            Delete my account
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
