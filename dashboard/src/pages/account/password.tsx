import { useSignal } from '@preact/signals';
import { broker, state } from '../../app';
import { Button, Copyable, Field, Notice, Refusal } from '../../ui/basic';
import { Section } from '../../ui/frame';
import { LinkProvider } from '../../ui/provider';
import { Qr } from '../../ui/qr';
import { useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';
import type { Mine } from './profile';

type Part = { mine: Mine; onChanged: () => Promise<void> };

export function PasswordAndCodes({ mine, onChanged }: Part) {
  return (
    <Section title="Password and codes" about="A password opens your login, never your keys. An authenticator asks for a code after it.">
      <ul class="list">
        <PasswordRow mine={mine} onChanged={onChanged} />
        {mine.hasPassword && <AuthenticatorRow mine={mine} onChanged={onChanged} />}
        {mine.hasTotp && <RecoveryCodesRow mine={mine} onChanged={onChanged} />}
        {state.value?.oidc && <ProviderRow mine={mine} />}
      </ul>
    </Section>
  );
}

function ProviderRow({ mine }: { mine: Mine }) {
  const linked = mine.links ?? [];
  return (
    <li>
      <div class="what">
        <div>
          <strong>{state.value?.oidc?.name}</strong>
          <span class={linked.length > 0 ? 'tag good' : 'tag'}>{linked.length > 0 ? 'linked' : 'not linked'}</span>
        </div>
        {linked.map((link) => (
          <div class="quiet small" key={link.issuer}>
            {link.issuer}, since <Time at={link.linkedAt} />
          </div>
        ))}
      </div>
      {linked.length === 0 && <LinkProvider />}
    </li>
  );
}

function PasswordRow({ mine, onChanged }: Part) {
  const password = useSignal<string | null>(null);
  const task = useTask();
  const save = () =>
    task.run(async () => {
      await broker.call('PUT /api/my/password', { body: { password: password.value! } });
      password.value = null;
      await onChanged();
    });
  const remove = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/password');
      await onChanged();
    });
  return (
    <li>
      <div class="what">
        <div>
          <strong>Password</strong>
          <span class={mine.hasPassword ? 'tag good' : 'tag'}>{mine.hasPassword ? 'set' : 'none'}</span>
        </div>
      </div>
      {password.value === null && (
        <div class="row">
          <Button
            slight
            onClick={() => {
              password.value = '';
            }}
          >
            {mine.hasPassword ? 'Change' : 'Set one'}
          </Button>
          {mine.hasPassword && mine.passkeys.length > 0 && (
            <Button slight kind="danger" busy={task.busy} onClick={remove} label="Remove the password">
              Remove
            </Button>
          )}
        </div>
      )}
      {password.value !== null && (
        <form
          class="stack whole"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <input class="hidden" type="text" autocomplete="username" value={mine.account.username} readOnly tabIndex={-1} aria-hidden="true" />
          <Field
            label="New password"
            type="password"
            hint="At least 12 characters. Four unusual words are a good one."
            autocomplete="new-password"
            value={password.value}
            onInput={(value) => {
              password.value = value;
            }}
            required
            focus
          />
          <div class="row">
            <Button submit kind="first" busy={task.busy}>
              Save
            </Button>
            <Button
              onClick={() => {
                password.value = null;
                task.clear();
              }}
            >
              Cancel
            </Button>
          </div>
        </form>
      )}
      <Refusal text={task.refusal} />
    </li>
  );
}

function AuthenticatorRow({ mine, onChanged }: Part) {
  const begun = useSignal<{ secret: string; uri: string } | null>(null);
  const code = useSignal('');
  const task = useTask();
  const begin = () =>
    task.run(async () => {
      begun.value = await broker.call('POST /api/my/totp');
    });
  const confirm = () =>
    task.run(async () => {
      await broker.call('PUT /api/my/totp', { body: { code: code.value.trim() } });
      begun.value = null;
      code.value = '';
      await onChanged();
    });
  const remove = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/totp');
      await onChanged();
    });
  return (
    <li>
      <div class="what">
        <div>
          <strong>Authenticator</strong>
          <span class={mine.hasTotp ? 'tag good' : 'tag'}>{mine.hasTotp ? 'on' : 'off'}</span>
        </div>
        <div class="quiet small">Six digits from an app, asked after the password.</div>
      </div>
      {begun.value === null &&
        (mine.hasTotp ? (
          <Button slight kind="danger" busy={task.busy} onClick={remove} label="Turn off the authenticator">
            Turn off
          </Button>
        ) : (
          <Button slight busy={task.busy} onClick={begin} label="Set up an authenticator">
            Set up
          </Button>
        ))}
      {begun.value && (
        <form
          class="stack whole"
          onSubmit={(event) => {
            event.preventDefault();
            void confirm();
          }}
        >
          <p>Scan this with your authenticator, or type the secret there. Then type the code that it shows.</p>
          <Qr text={begun.value.uri} label="For your authenticator" />
          <Copyable text={begun.value.secret} label="Copy the secret" />
          <Field
            label="Code"
            autocomplete="one-time-code"
            inputMode="numeric"
            value={code.value}
            onInput={(value) => {
              code.value = value;
            }}
            maxLength={8}
            mono
            required
            focus
          />
          <div class="row">
            <Button submit kind="first" busy={task.busy}>
              Turn on
            </Button>
            <Button
              onClick={() => {
                begun.value = null;
                task.clear();
              }}
            >
              Cancel
            </Button>
          </div>
        </form>
      )}
      <Refusal text={task.refusal} />
    </li>
  );
}

function RecoveryCodesRow({ mine, onChanged }: Part) {
  const codes = useSignal<string[] | null>(null);
  const task = useTask();
  const make = () =>
    task.run(async () => {
      codes.value = (await broker.call('POST /api/my/recovery-codes')).codes;
      await onChanged();
    });
  return (
    <li>
      <div class="what">
        <div>
          <strong>Recovery codes</strong>
          <span class={mine.recoveryCodesLeft > 0 ? 'tag good' : 'tag danger'}>{mine.recoveryCodesLeft} left</span>
        </div>
        <div class="quiet small">Each does once in place of the authenticator, should you lose it.</div>
      </div>
      <Button slight busy={task.busy} onClick={make}>
        {mine.recoveryCodesLeft > 0 ? 'Make new ones' : 'Make some'}
      </Button>
      {codes.value && (
        <div class="stack whole">
          <div class="groups two">
            {codes.value.map((code) => (
              <span key={code}>{code}</span>
            ))}
          </div>
          <Notice>
            <p>They are shown this once, and those from before are worth nothing. Print them or write them down.</p>
          </Notice>
          <Copyable text={codes.value.join(' ')} label="Copy the codes" />
          <div class="row">
            <Button onClick={() => print()}>Print</Button>
            <Button
              onClick={() => {
                codes.value = null;
              }}
            >
              I have them
            </Button>
          </div>
        </div>
      )}
      <Refusal text={task.refusal} />
    </li>
  );
}
