import { useSignal } from '@preact/signals';
import { accountKeys, type Device, isProven, shortKey } from '../../account/devices';
import { enrolment, forgetHere } from '../../account/here';
import { broker, signedOut } from '../../app';
import type { PublicKey } from '../../crypto';
import { Button, Copyable, Notice, Refusal } from '../../ui/basic';
import { Dialog } from '../../ui/dialog';
import { Section } from '../../ui/frame';
import { useLoaded, useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';
import { type ReadyKeys, WithKeys } from '../keys';

export function Devices() {
  return (
    <Section title="Devices" about="Machines and browsers that have your keys. Each was let in by another one of them, and signed for.">
      <WithKeys>{(keys) => <List keys={keys} />}</WithKeys>
    </Section>
  );
}

function List({ keys }: { keys: ReadyKeys }) {
  const devices = useLoaded(async () => {
    const [list, key] = await Promise.all([broker.call('GET /api/my/devices'), broker.call('GET /api/my/key')]);
    const trusted = accountKeys(key, keys.userId, keys.account.pub);
    return list.devices.map((device) => ({ device, proven: isProven(device, keys.userId, trusted) }));
  }, keys.account.pub);
  const going = useSignal<Device | null>(null);
  const names = new Map(devices.value?.map(({ device }) => [device.devicePub, device.name]));
  return (
    <>
      <Refusal text={devices.refusal} />
      {devices.value?.some(({ proven }) => !proven) && (
        <Notice kind="danger" title="A device here was let in by none of yours" alert>
          <p>The broker lists it, but no key of yours has signed for it. Do not trust this broker before whoever runs it has explained that.</p>
        </Notice>
      )}
      <ul class="list">
        {devices.value?.map(({ device, proven }) => (
          <Row
            key={device.devicePub}
            device={device}
            proven={proven}
            own={device.devicePub === keys.device.public}
            approvedBy={device.approvedBy && device.approvedBy !== device.devicePub ? (names.get(device.approvedBy) ?? 'a device that was removed') : null}
            onRemove={() => {
              going.value = device;
            }}
          />
        ))}
      </ul>
      <div class="row">
        <a class="button slight" href="/device" data-page>
          Approve a device
        </a>
      </div>
      {going.value && (
        <Remove
          device={going.value}
          own={going.value.devicePub === keys.device.public}
          onDone={async () => {
            going.value = null;
            await devices.reload();
          }}
        />
      )}
    </>
  );
}

type RowProps = { device: Device; proven: boolean; own: boolean; approvedBy: string | null; onRemove: () => void };

function Row({ device, proven, own, approvedBy, onRemove }: RowProps) {
  return (
    <li>
      <div class="what">
        <div>
          <strong>{device.name}</strong>
          {own && <span class="tag good">this browser</span>}
          {!proven && <span class="tag danger">not proved</span>}
        </div>
        <div class="quiet small">
          {device.kind === 'browser' ? 'Browser' : 'Machine'} · added <Time at={device.addedAt} />
          {approvedBy && <> by {approvedBy}</>}
          {device.lastSeenAt && (
            <>
              {' '}
              · seen <Time at={device.lastSeenAt} />
            </>
          )}
          <br />
          <span class="mono">{shortKey(device.devicePub)}</span>
        </div>
      </div>
      <Button slight kind="danger" onClick={onRemove} label={`Remove ${device.name}`}>
        Remove
      </Button>
    </li>
  );
}

function Remove({ device, own, onDone }: { device: Device; own: boolean; onDone: () => Promise<void> }) {
  const task = useTask();
  const remove = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/devices/{pub}', { path: { pub: device.devicePub as PublicKey } });
      if (own) {
        await forgetHere();
        signedOut();
        return;
      }
      await onDone();
    });
  const lastOne = enrolment.value?.is === 'ready' && own;
  return (
    <Dialog title={`Remove ${device.name}?`} onClose={onDone}>
      <p>It is signed out at once, and stays out until another device lets it in.</p>
      {lastOne ? (
        <Notice kind="danger" title="It is this browser">
          <p>
            Your keys are deleted here. If no other device and no way of recovery is left, what is encrypted for you is <strong>lost for good</strong>.
          </p>
        </Notice>
      ) : (
        <Notice title="Lost or stolen?">
          <p>Then this is not enough: whoever holds it keeps the keys that are on it. On a machine of yours that is signed in, run</p>
          <Copyable text={`claudemesh device remove ${device.devicePub.slice(0, 8)} --compromised`} label="Copy the command" />
          <p>which gives your account new keys, and makes every workspace change its own.</p>
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
