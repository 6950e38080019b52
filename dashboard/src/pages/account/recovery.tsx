import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { enrolment } from '../../account/here';
import { storeRecoveryKey } from '../../account/recovering';
import { Problem } from '../../api/problem';
import { broker } from '../../app';
import { recovery } from '../../crypto';
import { Button, Copyable, Field, Notice, Refusal } from '../../ui/basic';
import { Section } from '../../ui/frame';
import { useLoaded, useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';
import type { ReadyKeys } from '../keys';
import type { Mine } from './profile';

/** The ways back to the keys when every device is gone. */
export function Recovery({ passkeys, onChanged }: { passkeys: Mine['passkeys']; onChanged: () => Promise<void> }) {
  const stored = useLoaded(() => broker.call('GET /api/my/recovery'));
  const making = useSignal(false);
  const found = enrolment.value;
  const key = stored.value?.blobs.find((blob) => blob.kind === 'key');
  const recovering = passkeys.filter((passkey) => passkey.recovers).length;
  const nothing = stored.value !== null && stored.value.blobs.length === 0;
  return (
    <Section title="Recovery" about="Brings your keys back when every device is gone. Together with signing in: alone it opens nothing.">
      <Refusal text={stored.refusal} />
      {nothing && (
        <Notice kind="danger" title="You have no way back">
          <p>
            Lose all your devices now, and what is encrypted for you is <strong>lost for good</strong>. Nobody can bring it back, whoever runs the broker
            included.
          </p>
        </Notice>
      )}
      {making.value && found?.is === 'ready' ? (
        <MakeKey
          keys={found.keys}
          replaces={key !== undefined}
          onDone={async () => {
            making.value = false;
            await Promise.all([stored.reload(), onChanged()]);
          }}
        />
      ) : (
        <ul class="list">
          <li>
            <div class="what">
              <div>
                <strong>Recovery key</strong>
                {key ? <span class="tag good">made</span> : stored.value !== null && <span class="tag">none</span>}
              </div>
              <div class="quiet small">
                {key ? (
                  <>
                    Printed <Time at={key.createdAt} />. Nobody can show it again; a new one takes its place.
                  </>
                ) : (
                  'Nine groups of letters on paper.'
                )}
              </div>
            </div>
            {found?.is === 'ready' && (
              <Button
                slight
                kind={nothing ? 'first' : undefined}
                onClick={() => {
                  making.value = true;
                }}
              >
                {key ? 'Make a new one' : 'Make one'}
              </Button>
            )}
          </li>
          <li>
            <div class="what">
              <div>
                <strong>Passkeys</strong>
                <span class={recovering > 0 ? 'tag good' : 'tag'}>{recovering > 0 ? `${recovering} recover${recovering === 1 ? 's' : ''}` : 'none'}</span>
              </div>
              <div class="quiet small">Some can open your keys. Set that with each passkey below.</div>
            </div>
          </li>
        </ul>
      )}
    </Section>
  );
}

/** Shown once. Stored only when its last group was typed back: a key that nobody wrote down must not count as a way back. */
function MakeKey({ keys, replaces, onDone }: { keys: ReadyKeys; replaces: boolean; onDone: () => Promise<void> }) {
  const key = useSignal(recovery.RecoveryKey.generate());
  const text = key.value.toPrintedText();
  const groups = text.split('-');
  const typed = useSignal('');
  const task = useTask();
  useEffect(() => () => key.peek().wipe(), [key]);

  const store = () =>
    task.run(async () => {
      if (normal(typed.value) !== normal(groups.at(-1)!))
        throw new Problem('mistyped', 'This is not the last group. Look at what you wrote down or printed.', 0);
      await storeRecoveryKey(broker, keys, key.value);
      await onDone();
    });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void store();
      }}
    >
      <p>
        This is your recovery key. Print it or write it down, and keep it where you keep papers, not in this computer. It is shown <strong>this once</strong>.
      </p>
      <div class="groups" role="img" aria-label={`Recovery key: ${groups.map((group) => [...group].join(' ')).join(', ')}`}>
        {groups.map((group, place) => (
          <span key={`${place}-${group}`}>{group}</span>
        ))}
      </div>
      <div class="row not-printed">
        <Button slight onClick={() => print()}>
          Print
        </Button>
      </div>
      <Copyable text={text} label="Copy the recovery key" />
      {replaces && (
        <Notice>
          <p>With this one stored, the recovery key that you have is worth nothing. Throw it away then.</p>
        </Notice>
      )}
      <Field
        label="Type its last group, from what you wrote down"
        value={typed.value}
        onInput={(value) => {
          typed.value = value;
        }}
        maxLength={6}
        mono
        required
      />
      <Refusal text={task.refusal} />
      <div class="row">
        <Button submit kind="first" busy={task.busy}>
          Keep this key
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}

/** As a recovery key is read: capitals do not matter, nor letters that are taken for digits. */
function normal(group: string): string {
  return group.trim().toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
}
