import { useSignal } from '@preact/signals';
import type { Reply } from '../../api/client';
import { broker } from '../../app';
import { Button, Copyable, Notice, Refusal } from '../../ui/basic';
import { Section } from '../../ui/frame';
import { useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';

/** For who runs a broker where accounts are made by invite: a link for somebody who is invited to no workspace yet. */
export function People() {
  const made = useSignal<Reply<'POST /api/my/account-invites'> | null>(null);
  const task = useTask();
  const make = () =>
    task.run(async () => {
      made.value = await broker.call('POST /api/my/account-invites', { body: {} });
    });
  return (
    <Section title="People" about="Accounts are made by invite here. An invite to a workspace is one; this is for somebody who is to have none yet.">
      {made.value && (
        <Notice kind="good" title="A link for one account" alert>
          <p>
            Send it to who is to have it. It is shown this once, and ends <Time at={made.value.expiresAt} />.
          </p>
          <Copyable text={made.value.link} label="Copy the link" />
        </Notice>
      )}
      <Refusal text={task.refusal} />
      <div class="row">
        <Button slight busy={task.busy} onClick={make}>
          Make a link
        </Button>
      </div>
    </Section>
  );
}
