import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { approveRequest, type DeviceRequest, findRequest, loopbackAddress, parseUserCode } from '../account/approving';
import { shortKey } from '../account/devices';
import { Problem } from '../api/problem';
import { broker } from '../app';
import { brought as broughtBy } from '../brought';
import { PairingSecret, type PublicKey } from '../crypto';
import { takeFragment } from '../router';
import { Button, Field, Notice, Refusal } from '../ui/basic';
import { Narrow } from '../ui/frame';
import { type Task, useTask } from '../ui/tasks';
import { Time } from '../ui/time';
import { type ReadyKeys, WithKeys } from './keys';

/** What the new machine's person brought here: by the link, or typed. */
interface Brought {
  readonly code: string;
  readonly pairing: PairingSecret;
  /** The machine's key, where it came by the link. */
  readonly linked: PublicKey | null;
}

/** Lets another machine in. Opening it does nothing: it takes a look, a fresh proof and a click. */
export function DevicePage() {
  const brought = useSignal<Brought | null>(fromLink());
  return (
    <Narrow title="Approve a device" wider>
      <WithKeys
        otherwise={
          <p>
            Approve it in a terminal that is signed in: <code>claudemesh device approve</code>
          </p>
        }
      >
        {(keys) =>
          brought.value === null ? (
            <Typed
              onBrought={(typed) => {
                brought.value = typed;
              }}
            />
          ) : (
            <Decide
              keys={keys}
              brought={brought.value}
              onOther={() => {
                brought.value = null;
              }}
            />
          )
        }
      </WithKeys>
    </Narrow>
  );
}

function codeOfAddress(): string {
  return broughtBy('code') ?? '';
}

function fromLink(): Brought | null {
  const code = parseUserCode(codeOfAddress());
  const fragment = PairingSecret.tryFragment(takeFragment());
  return code && fragment ? { code, pairing: fragment.pairing, linked: fragment.device } : null;
}

function Typed({ onBrought }: { onBrought: (brought: Brought) => void }) {
  const code = useSignal(codeOfAddress());
  const pairing = useSignal('');
  const task = useTask();
  const send = () =>
    task.run(async () => {
      const userCode = parseUserCode(code.value);
      const secret = PairingSecret.tryTyped(pairing.value);
      if (userCode === null) throw new Problem('mistyped', 'The code has eight letters and digits, such as ABCD-EFGH.', 0);
      if (secret === null) throw new Problem('mistyped', 'The pairing secret has 26 letters and digits. Look at it again on the machine.', 0);
      onBrought({ code: userCode, pairing: secret, linked: null });
    });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p>
        {codeOfAddress()
          ? 'The link came without its last part, as some chat and mail programs do to it. Type what the machine shows:'
          : 'Type what the machine shows that wants to be let in:'}
      </p>
      <Field
        label="Code"
        value={code.value}
        onInput={(value) => {
          code.value = value;
        }}
        maxLength={12}
        mono
        required
        focus={!codeOfAddress()}
      />
      <Field
        label="Pairing secret"
        hint="26 letters and digits; it stays in this browser."
        value={pairing.value}
        onInput={(value) => {
          pairing.value = value;
        }}
        mono
        required
        focus={codeOfAddress() !== ''}
      />
      <Refusal text={task.refusal} />
      <Button submit kind="first" fill busy={task.busy}>
        Look at the request
      </Button>
    </form>
  );
}

function Decide({ keys, brought, onOther }: { keys: ReadyKeys; brought: Brought; onOther: () => void }) {
  const request = useSignal<DeviceRequest | null>(null);
  const ended = useSignal<'approved' | 'denied' | null>(null);
  const proved = useSignal(broker.isFresh());
  const looking = useTask();
  const task = useTask();
  useEffect(() => {
    void looking.run(async () => {
      request.value = await findRequest(broker, brought.code, brought.linked);
    });
  }, [brought]);

  // The proof comes first and the click after it: a proof that was asked for by somebody else's link is no yes.
  const prove = () =>
    task.run(async () => {
      proved.value = await broker.confirm();
    });
  const approve = (typedName: string | null) =>
    task.run(async () => {
      const answer = await approveRequest(broker, keys, request.value!, brought.pairing, typedName);
      brought.pairing.wipe();
      ended.value = 'approved';
      if (answer.loopback) location.assign(loopbackAddress(answer.loopback));
    });
  const deny = () =>
    task.run(async () => {
      await broker.call('POST /api/my/device-requests/{userCode}/deny', { path: { userCode: brought.code } });
      brought.pairing.wipe();
      ended.value = 'denied';
    });

  if (ended.value !== null) return <Ended how={ended.value} />;
  if (looking.refusal !== null) {
    return (
      <>
        <Refusal text={looking.refusal} />
        <Button fill onClick={onOther}>
          Type another code
        </Button>
      </>
    );
  }
  return request.value === null ? (
    <p class="quiet" role="status">
      <span class="busy" aria-hidden="true" /> Looking the request up
    </p>
  ) : (
    <Question request={request.value} task={task} proved={proved.value} onProve={prove} onApprove={approve} onDeny={deny} />
  );
}

type QuestionProps = {
  request: DeviceRequest;
  task: Task;
  /** Whether the person has shown just now who he is. */
  proved: boolean;
  onProve: () => void;
  onApprove: (typedName: string | null) => void;
  onDeny: () => void;
};

function Question({ request, task, proved, onProve, onApprove, onDeny }: QuestionProps) {
  const typed = useSignal('');
  const elsewhere = useSignal(false);
  const remote = !request.sameComputer || elsewhere.value;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (proved) onApprove(remote ? typed.value.trim() : null);
        else onProve();
      }}
    >
      <div class="card">
        <dl class="facts">
          <dt>Device</dt>
          <dd>
            <strong>{request.deviceName}</strong>
          </dd>
          {request.platform && (
            <>
              <dt>System</dt>
              <dd>{request.platform}</dd>
            </>
          )}
          <dt>Asked from</dt>
          <dd class="mono">{request.address}</dd>
          <dt>Asked</dt>
          <dd>
            <Time at={request.createdAt} />
          </dd>
          <dt>Code</dt>
          <dd class="mono">{request.userCode}</dd>
          <dt>Key</dt>
          <dd class="mono">{shortKey(request.devicePub)}</dd>
        </dl>
      </div>
      {remote ? (
        <Notice kind="danger" title="Remote: another machine will become you">
          <p>
            It will read and write everything that you can, in all your workspaces, from the address above. Did you begin this login yourself, on a machine of
            yours, just now? If somebody sent you this link, deny it.
          </p>
        </Notice>
      ) : (
        <Notice kind="accent" title="A program on this computer asks">
          <p>
            It will be you, in all your workspaces. After your click this page goes to it over 127.0.0.1, and it gets nothing unless it really is on this
            computer.
          </p>
          <p>
            <Button
              kind="plain"
              onClick={() => {
                elsewhere.value = true;
              }}
            >
              It is another computer
            </Button>
          </p>
        </Notice>
      )}
      {remote && proved && (
        <Field
          label={`Type the device's name to approve it: ${request.deviceName}`}
          value={typed.value}
          onInput={(value) => {
            typed.value = value;
          }}
          required
          focus
        />
      )}
      <Refusal text={task.refusal} />
      <div class="stack close">
        <Button submit kind={!proved ? undefined : remote ? 'danger' : 'first'} fill busy={task.busy}>
          {!proved ? 'Show that it is you, then approve' : remote ? 'Approve this remote device' : 'Approve'}
        </Button>
        <Button fill onClick={onDeny}>
          Deny
        </Button>
      </div>
    </form>
  );
}

function Ended({ how }: { how: 'approved' | 'denied' }) {
  return (
    <>
      {how === 'approved' ? (
        <Notice kind="good" title="Approved" alert>
          <p>The device fetches its keys now and says so itself. It is in the list of your devices from here on.</p>
        </Notice>
      ) : (
        <Notice title="Denied" alert>
          <p>The device got nothing. If you did not begin this login, somebody tried to become you: nothing of yours was given away.</p>
        </Notice>
      )}
      <a class="button fill" href="/account" data-page>
        My devices
      </a>
    </>
  );
}
