import { useSignal } from '@preact/signals';
import { enrolment } from '../../account/here';
import { browserName } from '../../account/name';
import { addPasskey, credentialBytes, derivePrf, hasPasskeys } from '../../account/passkeys';
import { storePasskeyRecovery } from '../../account/recovering';
import { Problem } from '../../api/problem';
import { broker } from '../../app';
import { Button, Field, Notice, Refusal } from '../../ui/basic';
import { Dialog } from '../../ui/dialog';
import { Section } from '../../ui/frame';
import { useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';
import type { Mine } from './profile';

type Passkey = Mine['passkeys'][number];

export function Passkeys({ mine, onChanged }: { mine: Mine; onChanged: () => Promise<void> }) {
  const name = useSignal<string | null>(null);
  const going = useSignal<Passkey | null>(null);
  const task = useTask();
  const add = () =>
    task.run(async () => {
      await addPasskey(broker, name.value!.trim());
      name.value = null;
      await onChanged();
    });
  return (
    <Section title="Passkeys" about="Sign you in, unlocked by your face, finger or PIN. They cannot be guessed or phished.">
      {mine.passkeys.length > 0 && (
        <ul class="list">
          {mine.passkeys.map((passkey) => (
            <Row
              key={passkey.id}
              passkey={passkey}
              onChanged={onChanged}
              onRemove={() => {
                going.value = passkey;
              }}
            />
          ))}
        </ul>
      )}
      <Refusal text={task.refusal} />
      {!hasPasskeys() && <p class="quiet small">This browser makes no passkeys at this address.</p>}
      {hasPasskeys() && name.value === null && (
        <div class="row">
          <Button
            slight
            onClick={() => {
              name.value = browserName();
            }}
          >
            Add a passkey
          </Button>
        </div>
      )}
      {name.value !== null && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <Field
            label="What to call it"
            value={name.value}
            onInput={(value) => {
              name.value = value;
            }}
            maxLength={80}
            required
            focus
          />
          <div class="row">
            <Button submit kind="first" busy={task.busy}>
              Add it
            </Button>
            <Button
              onClick={() => {
                name.value = null;
              }}
            >
              Cancel
            </Button>
          </div>
        </form>
      )}
      {going.value && (
        <Remove
          passkey={going.value}
          onDone={async () => {
            going.value = null;
            await onChanged();
          }}
        />
      )}
    </Section>
  );
}

function Row({ passkey, onChanged, onRemove }: { passkey: Passkey; onChanged: () => Promise<void>; onRemove: () => void }) {
  const task = useTask();
  const name = useSignal<string | null>(null);
  const found = enrolment.value;
  const rename = () =>
    task.run(async () => {
      await broker.call('PATCH /api/my/passkeys/{id}', { path: { id: passkey.id }, body: { name: name.value!.trim() } });
      name.value = null;
      await onChanged();
    });
  const letRecover = () =>
    task.run(async () => {
      if (found?.is !== 'ready') return;
      const derived = await derivePrf([credentialBytes(passkey.id)]);
      if (derived === null) throw new Problem('no_prf', 'This passkey, or this browser with it, derives no secrets. It signs you in, but cannot recover.', 0);
      await storePasskeyRecovery(broker, found.keys, derived.credentialId, derived.prf);
      derived.prf.wipe();
      await onChanged();
    });
  return (
    <li>
      <div class="what">
        <div>
          <strong>{passkey.name}</strong>
          {passkey.recovers && <span class="tag good">recovers</span>}
          {passkey.backedUp && <span class="tag">synced</span>}
        </div>
        <div class="quiet small">
          added <Time at={passkey.createdAt} />
          {passkey.lastUsedAt && (
            <>
              {' '}
              · used <Time at={passkey.lastUsedAt} />
            </>
          )}
        </div>
      </div>
      {name.value === null ? (
        <div class="row">
          {!passkey.recovers && found?.is === 'ready' && hasPasskeys() && (
            <Button slight busy={task.busy} onClick={letRecover} label={`Let it recover: ${passkey.name}`}>
              Let it recover
            </Button>
          )}
          <Button
            slight
            onClick={() => {
              name.value = passkey.name;
            }}
            label={`Rename ${passkey.name}`}
          >
            Rename
          </Button>
          <Button slight kind="danger" onClick={onRemove} label={`Remove ${passkey.name}`}>
            Remove
          </Button>
        </div>
      ) : (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void rename();
          }}
        >
          <Field
            label="New name"
            value={name.value}
            onInput={(value) => {
              name.value = value;
            }}
            maxLength={80}
            required
            focus
          />
          <Button submit slight busy={task.busy}>
            Save
          </Button>
        </form>
      )}
      <Refusal text={task.refusal} />
    </li>
  );
}

function Remove({ passkey, onDone }: { passkey: Passkey; onDone: () => Promise<void> }) {
  const task = useTask();
  const remove = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/passkeys/{id}', { path: { id: passkey.id } });
      await onDone();
    });
  return (
    <Dialog title={`Remove ${passkey.name}?`} onClose={onDone}>
      <p>It signs you in no more. Delete it in your password manager or device as well, where it is kept.</p>
      {passkey.recovers && (
        <Notice kind="danger">
          <p>It is one of your ways back to your keys. Without another one, losing all devices means losing what is encrypted for you.</p>
        </Notice>
      )}
      <Refusal text={task.refusal} />
      <div class="row">
        <Button kind="danger" busy={task.busy} onClick={remove}>
          Remove
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </Dialog>
  );
}
