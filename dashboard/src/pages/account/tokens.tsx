import { useSignal } from '@preact/signals';
import type { Reply } from '../../api/client';
import { broker } from '../../app';
import { Button, Copyable, Field, Notice, Refusal } from '../../ui/basic';
import { Section } from '../../ui/frame';
import { useLoaded, useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';

type Token = Reply<'GET /api/my/tokens'>['tokens'][number];

const scopes = [
  { name: 'read', what: 'Read topics, members and state, as far as they are not encrypted' },
  { name: 'post', what: 'Post where plain text is admitted' },
  { name: 'state', what: 'Write plain state' },
  { name: 'admin', what: 'What an admin may: members, invites, keys' },
] as const;

export function Tokens() {
  const tokens = useLoaded(() => broker.call('GET /api/my/tokens'));
  const making = useSignal(false);
  const open = tokens.value?.tokens.filter((token) => !token.revokedAt) ?? [];
  const made = useSignal<{ name: string; token: string } | null>(null);
  return (
    <Section
      title="Personal tokens"
      about="Let scripts and CI act as you, with what you give them and no longer than you say. They carry no keys, so they read nothing that is encrypted."
    >
      <Refusal text={tokens.refusal} />
      {made.value && (
        <Notice kind="good" title={`${made.value.name} is made`} alert>
          <p>Take the token now: it is not shown again.</p>
          <Copyable text={made.value.token} label="Copy the token" />
        </Notice>
      )}
      {open.length > 0 && (
        <ul class="list">
          {open.map((token) => (
            <Row key={token.id} token={token} onRemoved={tokens.reload} />
          ))}
        </ul>
      )}
      {making.value ? (
        <Make
          onDone={async (token) => {
            making.value = false;
            made.value = token;
            await tokens.reload();
          }}
          onCancel={() => {
            making.value = false;
          }}
        />
      ) : (
        <div class="row">
          <Button
            slight
            onClick={() => {
              making.value = true;
              made.value = null;
            }}
          >
            Make a token
          </Button>
        </div>
      )}
    </Section>
  );
}

function Row({ token, onRemoved }: { token: Token; onRemoved: () => Promise<void> }) {
  const task = useTask();
  const remove = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/tokens/{id}', { path: { id: token.id } });
      await onRemoved();
    });
  return (
    <li>
      <div class="what">
        <div>
          <strong>{token.name}</strong>
          {token.scopes.map((scope) => (
            <span class="tag" key={scope}>
              {scope}
            </span>
          ))}
        </div>
        <div class="quiet small">
          {token.workspace && <>in {token.workspace} · </>}
          {Date.parse(token.expiresAt) < Date.now() ? 'ended ' : 'ends '}
          <Time at={token.expiresAt} />
          {token.lastUsedAt ? (
            <>
              {' '}
              · used <Time at={token.lastUsedAt} />
            </>
          ) : (
            ' · never used'
          )}
        </div>
      </div>
      <Button slight kind="danger" busy={task.busy} onClick={remove} label={`Revoke ${token.name}`}>
        Revoke
      </Button>
      <Refusal text={task.refusal} />
    </li>
  );
}

function Make({ onDone, onCancel }: { onDone: (made: { name: string; token: string }) => Promise<void>; onCancel: () => void }) {
  const [name, days, workspace] = [useSignal(''), useSignal('90'), useSignal('')];
  const chosen = useSignal<readonly string[]>(['read']);
  const meshes = useLoaded(() => broker.call('GET /api/my/meshes'));
  const task = useTask();
  const make = () =>
    task.run(async () => {
      const answer = await broker.call('POST /api/my/tokens', {
        body: {
          name: name.value.trim(),
          scopes: scopes.map((scope) => scope.name).filter((scope) => chosen.value.includes(scope)),
          expiresInDays: Number(days.value),
          ...(workspace.value ? { workspace: workspace.value } : {}),
        },
      });
      await onDone({ name: name.value.trim(), token: answer.token });
    });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Field
        label="What it is for"
        value={name.value}
        onInput={(value) => {
          name.value = value;
        }}
        maxLength={80}
        required
        focus
      />
      <fieldset>
        <legend>What it may</legend>
        {scopes.map((scope) => (
          <label class="check" key={scope.name}>
            <input
              type="checkbox"
              checked={chosen.value.includes(scope.name)}
              onChange={(event) => {
                chosen.value = event.currentTarget.checked ? [...chosen.value, scope.name] : chosen.value.filter((one) => one !== scope.name);
              }}
            />
            <span>
              <strong class="mono">{scope.name}</strong> <span class="quiet small">{scope.what}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>Where</span>
        <select
          value={workspace.value}
          onChange={(event) => {
            workspace.value = event.currentTarget.value;
          }}
        >
          <option value="">All your workspaces</option>
          {meshes.value?.meshes.map((mesh) => (
            <option key={mesh.id} value={mesh.slug}>
              {mesh.name}
            </option>
          ))}
        </select>
      </label>
      <Field
        label="Days until it is over"
        hint="365 at most."
        type="number"
        inputMode="numeric"
        value={days.value}
        onInput={(value) => {
          days.value = value;
        }}
        required
      />
      <Refusal text={task.refusal} />
      <div class="row">
        <Button submit kind="first" busy={task.busy}>
          Make it
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
