import { browserName } from '../../account/name';
import type { Reply } from '../../api/client';
import { broker, signedOut } from '../../app';
import { Button, Refusal } from '../../ui/basic';
import { Section } from '../../ui/frame';
import { useLoaded, useTask } from '../../ui/tasks';
import { Time } from '../../ui/time';

type Session = Reply<'GET /api/my/sessions'>['sessions'][number];

export function Sessions() {
  const sessions = useLoaded(() => broker.call('GET /api/my/sessions'));
  const task = useTask();
  const endOthers = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/sessions');
      await sessions.reload();
    });
  const all = sessions.value?.sessions ?? [];
  return (
    <Section
      title="Signed in"
      about="Browsers and machines that are signed in now. Ending one does not take keys from it; removing the device signs it out for good."
    >
      <Refusal text={sessions.refusal ?? task.refusal} />
      <ul class="list">
        {all.map((session) => (
          <Row key={session.id} session={session} onEnded={sessions.reload} />
        ))}
      </ul>
      {all.length > 1 && (
        <div class="row">
          <Button slight kind="danger" busy={task.busy} onClick={endOthers}>
            End all others
          </Button>
        </div>
      )}
    </Section>
  );
}

/** A browser says of itself more than people want to read. */
function nameOf(session: Session): string {
  return session.kind === 'browser' && session.name.includes('/') ? browserName(session.name) : session.name;
}

function Row({ session, onEnded }: { session: Session; onEnded: () => Promise<void> }) {
  const task = useTask();
  const end = () =>
    task.run(async () => {
      await broker.call('DELETE /api/my/sessions/{id}', { path: { id: session.id } });
      if (session.current) signedOut();
      else await onEnded();
    });
  return (
    <li>
      <div class="what">
        <div>
          <strong>{nameOf(session)}</strong>
          {session.current && <span class="tag good">this one</span>}
        </div>
        <div class="quiet small">
          since <Time at={session.createdAt} /> · seen <Time at={session.lastSeenAt} />
          {session.address && (
            <>
              {' '}
              · <span class="mono">{session.address}</span>
            </>
          )}
        </div>
      </div>
      <Button slight kind="danger" busy={task.busy} onClick={end} label={`${session.current ? 'Sign out' : 'End'} ${nameOf(session)}`}>
        {session.current ? 'Sign out' : 'End'}
      </Button>
      <Refusal text={task.refusal} />
    </li>
  );
}
