import { broker, state } from '../app';
import { brought, broughtRefusal } from '../brought';
import { Loading, Notice, Refusal } from '../ui/basic';
import { Wide } from '../ui/frame';
import { useLoaded } from '../ui/tasks';
import { Data } from './account/data';
import { Devices } from './account/devices';
import { Passkeys } from './account/passkeys';
import { PasswordAndCodes } from './account/password';
import { People } from './account/people';
import { Profile } from './account/profile';
import { Recovery } from './account/recovery';
import { Sessions } from './account/sessions';
import { Tokens } from './account/tokens';

export function AccountPage() {
  const mine = useLoaded(() => broker.call('GET /api/my/account'));
  return (
    <Wide title="Account">
      <Refusal text={mine.refusal ?? broughtRefusal()} />
      {brought('email') === 'verified' && <Notice kind="good">Your e-mail address is shown to be yours.</Notice>}
      {mine.value === null && mine.refusal === null && <Loading />}
      {mine.value && (
        <>
          <Profile mine={mine.value} onChanged={mine.reload} />
          {mine.value.account.isOperator && state.value?.signUp === 'invite' && <People />}
          <Devices />
          <Recovery passkeys={mine.value.passkeys} onChanged={mine.reload} />
          <Passkeys mine={mine.value} onChanged={mine.reload} />
          <PasswordAndCodes mine={mine.value} onChanged={mine.reload} />
          <Sessions />
          <Tokens />
          <Data mine={mine.value} />
        </>
      )}
    </Wide>
  );
}
