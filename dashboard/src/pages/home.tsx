import { admitted, enrolment, enrolmentRefusal } from '../account/here';
import type { Reply } from '../api/client';
import { account, broker } from '../app';
import { Copyable, Loading, Notice, Refusal } from '../ui/basic';
import { Wide } from '../ui/frame';
import { useLoaded } from '../ui/tasks';

type Mesh = Reply<'GET /api/my/meshes'>['meshes'][number];

export function Home() {
  const meshes = useLoaded(() => broker.call('GET /api/my/meshes'), String(admitted.value));
  const recovery = useLoaded(() => broker.call('GET /api/my/recovery'));
  // All of it at once: what comes late would push away what one is about to press.
  const waits = (enrolment.value === null && enrolmentRefusal.value === null) || [meshes, recovery].some((one) => one.value === null && one.refusal === null);
  if (waits) {
    return (
      <Wide title={`Hello, ${account.value?.displayName ?? ''}`}>
        <Loading />
      </Wide>
    );
  }
  const all = meshes.value?.meshes ?? [];
  const open = all.filter((mesh) => !mesh.archivedAt);
  const archived = all.filter((mesh) => mesh.archivedAt);
  return (
    <Wide title={`Hello, ${account.value?.displayName ?? ''}`}>
      <Refusal text={enrolmentRefusal.value} />
      <Advice hasWayBack={recovery.value === null || recovery.value.blobs.length > 0} />
      <section class="stack" aria-labelledby="workspaces">
        <h2 id="workspaces">Workspaces</h2>
        <Refusal text={meshes.refusal} />
        {meshes.value !== null && open.length === 0 && <Nothing />}
        {open.length > 0 && <Meshes all={open} />}
        {archived.length > 0 && (
          <details>
            <summary class="quiet">Archived ({archived.length})</summary>
            <Meshes all={archived} />
          </details>
        )}
      </section>
      <section class="stack" aria-labelledby="machines">
        <h2 id="machines">Put a machine on it</h2>
        <p class="quiet">Run this there. It shows a link that you open here, and after your yes the machine is you, in all your workspaces.</p>
        <Copyable text={`claudemesh login ${location.origin}`} label="Copy the command" />
      </section>
    </Wide>
  );
}

/** What should not wait, one thing at a time: first that this browser has no keys, then that nothing would bring them back. */
function Advice({ hasWayBack }: { hasWayBack: boolean }) {
  const found = enrolment.value?.is;
  if (found === 'new' || found === 'renewed' || found === 'refused' || found === 'without-storage') {
    return (
      <Notice
        kind={found === 'refused' ? 'danger' : 'accent'}
        title={found === 'refused' ? 'Something is wrong with your keys' : 'This browser does not have your keys'}
      >
        <p>
          Everything that is encrypted for you stays closed here.{' '}
          <a href="/account" data-page>
            {found === 'without-storage' ? 'See why' : 'See what to do'}
          </a>
        </p>
      </Notice>
    );
  }
  return found === 'ready' && !hasWayBack ? <RecoveryAdvice /> : null;
}

function RecoveryAdvice() {
  return (
    <Notice kind="accent" title="You have no way back yet">
      <p>
        If you lose all your devices, what is encrypted for you is lost for good: nobody can bring it back, whoever runs the broker included.{' '}
        <a href="/account" data-page>
          Make a recovery key
        </a>
        , it takes a minute.
      </p>
    </Notice>
  );
}

function Meshes({ all }: { all: readonly Mesh[] }) {
  return (
    <ul class="list">
      {all.map((mesh) => (
        <li key={mesh.id}>
          <div class="what">
            <div>
              <strong>{mesh.name}</strong>
              {mesh.role !== 'member' && <span class="tag">{mesh.role}</span>}
            </div>
            <div class="quiet small">
              <span class="mono">{mesh.slug}</span> · {mesh.memberCount === 1 ? 'only you' : `${mesh.memberCount} members`} · as {mesh.displayName}
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Nothing() {
  return (
    <div class="empty">
      <p>You are in no workspace yet. Open an invite that somebody sent you, or make one in a terminal:</p>
      <Copyable text="claudemesh new my-team" label="Copy the command" />
    </div>
  );
}
