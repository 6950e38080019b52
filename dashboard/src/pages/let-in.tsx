import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Asking, ask } from '../account/asking';
import type { Enrolment } from '../account/enrolment';
import { enrolHere, keyStore } from '../account/here';
import { browserName, platformName } from '../account/name';
import { derivePrf, hasPasskeys } from '../account/passkeys';
import { recoverByKey, recoverByPasskey, recoveringPasskeys } from '../account/recovering';
import { Problem, textOf } from '../api/problem';
import { broker } from '../app';
import { recovery } from '../crypto';
import { Button, Copyable, Field, Notice, Refusal } from '../ui/basic';
import { Qr } from '../ui/qr';
import { useTask } from '../ui/tasks';

type New = Extract<Enrolment, { is: 'new' }>;

/** A browser that is new to the account: another device lets it in, or a way of recovery does. */
export function LetIn({ found }: { found: New }) {
  const way = useSignal<'choice' | 'device' | 'key'>('choice');
  const back = () => {
    way.value = 'choice';
  };
  if (way.value === 'device') return <ByDevice found={found} onBack={back} />;
  if (way.value === 'key') return <ByKey found={found} onBack={back} />;
  return (
    <div class="stack">
      <p>
        You are signed in, but this browser does not have your keys yet: the broker never had them. A machine of yours that has them gives them to this browser,
        past the broker.
      </p>
      <Button
        kind="first"
        fill
        onClick={() => {
          way.value = 'device';
        }}
      >
        Ask another device of mine
      </Button>
      <p class="or">or, without one</p>
      <div class="stack close">
        {hasPasskeys() && <ByPasskey found={found} />}
        <Button
          fill
          onClick={() => {
            way.value = 'key';
          }}
        >
          Type the recovery key
        </Button>
      </div>
      <p class="quiet small">
        Without a device, a recovery key or a passkey that recovers, nobody can open what was encrypted for you, whoever runs the broker included.
      </p>
    </div>
  );
}

function ByDevice({ found, onBack }: { found: New; onBack: () => void }) {
  const asking = useSignal<Asking | null>(null);
  const refusal = useSignal<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const begin = async () => {
    stop.current?.abort();
    const here = new AbortController();
    stop.current = here;
    asking.value = null;
    refusal.value = null;
    try {
      const store = await storeOrThrow();
      const asked = await ask(broker, store, found.keys, found.key, browserName(), platformName());
      asking.value = asked;
      await asked.wait(here.signal);
      await enrolHere();
    } catch (error) {
      if (!here.signal.aborted) refusal.value = textOf(error);
    }
  };
  useEffect(() => {
    void begin();
    return () => stop.current?.abort();
  }, []);

  const shown = asking.value;
  return (
    <div class="stack">
      <Refusal text={refusal.value} />
      {refusal.value !== null && (
        <Button kind="first" fill onClick={begin}>
          Ask again
        </Button>
      )}
      {refusal.value === null && shown && (
        <>
          <p>On a device that has your keys, scan this, or open the link in a browser there:</p>
          <Qr text={shown.link} label="The link to open on the other device" />
          <Copyable text={shown.link} label="Copy the link" />
          <p class="or">or type it</p>
          <p>
            In a terminal of yours run <code>claudemesh device approve</code>, or open <strong>Approve a device</strong> on this page there, and type:
          </p>
          <dl class="facts">
            <dt>Code</dt>
            <dd class="mono">{shown.code}</dd>
            <dt>Pairing secret</dt>
            <dd class="mono">{shown.pairing.match(/.{1,5}/g)!.join(' ')}</dd>
          </dl>
          <Notice>
            <p>The pairing secret is not sent to the broker. Show it to nobody but your own device.</p>
          </Notice>
          <p class="quiet" role="status">
            <span class="busy" aria-hidden="true" /> Waiting for the other device, for ten minutes at most.
          </p>
        </>
      )}
      <Button onClick={onBack} fill>
        Back
      </Button>
    </div>
  );
}

function ByKey({ found, onBack }: { found: New; onBack: () => void }) {
  const typed = useSignal('');
  const task = useTask();
  const fault = typed.value.replace(/[^0-9a-z]/gi, '').length === 36 && recovery.RecoveryKey.tryParse(typed.value) === null;
  const open = () =>
    task.run(async () => {
      const key = recovery.RecoveryKey.tryParse(typed.value);
      if (key === null) throw new Problem('mistyped', 'This is no recovery key: a character is missing or mistyped. It has nine groups of four.', 0);
      await recoverByKey(broker, await storeOrThrow(), found.keys, found.key, key, browserName());
      key.wipe();
      typed.value = '';
      await enrolHere();
    });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <Field
        label="Recovery key"
        hint="Nine groups of four, as it was printed. Capitals and hyphens do not matter."
        fault={fault ? 'A character is mistyped: the check at its end does not fit.' : null}
        value={typed.value}
        onInput={(value) => {
          typed.value = value;
        }}
        mono
        focus
        required
      />
      <Refusal text={task.refusal} />
      <Button submit kind="first" fill busy={task.busy}>
        Open my keys
      </Button>
      <Button onClick={onBack} fill>
        Back
      </Button>
    </form>
  );
}

function ByPasskey({ found }: { found: New }) {
  const task = useTask();
  const open = () =>
    task.run(async () => {
      const ids = await recoveringPasskeys(broker);
      if (ids.length === 0) throw new Problem('no_recovery', 'No passkey of yours was set to recover. Take the recovery key, or another device.', 0);
      const derived = await derivePrf(ids);
      if (derived === null) throw new Problem('no_prf', 'This passkey cannot recover in this browser. Take the recovery key, or another device.', 0);
      await recoverByPasskey(broker, await storeOrThrow(), found.keys, found.key, derived.credentialId, derived.prf, browserName());
      derived.prf.wipe();
      await enrolHere();
    });
  return (
    <>
      <Button fill busy={task.busy} onClick={open}>
        Recover with a passkey
      </Button>
      <Refusal text={task.refusal} />
    </>
  );
}

async function storeOrThrow() {
  const store = await keyStore();
  if (store === null) throw new Problem('no_storage', 'This browser keeps nothing. Use another one, or a window that is not private.', 0);
  return store;
}
