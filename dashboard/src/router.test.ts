import assert from 'node:assert/strict';
import { test } from 'node:test';

/** As much of a window as the router looks at. */
function open(address: string) {
  const url = new URL(address);
  const shown: string[] = [];
  Object.assign(globalThis, {
    location: {
      get pathname() {
        return url.pathname;
      },
      get search() {
        return url.search;
      },
      get hash() {
        return url.hash;
      },
    },
    history: {
      replaceState: (_: unknown, __: string, path: string) => {
        shown.push(path);
        url.href = new URL(path, url).href;
      },
      pushState: (_: unknown, __: string, path: string) => {
        url.href = new URL(path, url).href;
      },
    },
    scrollTo: () => {},
  });
  return shown;
}

test('A fragment is out of the address bar before the page is drawn, is given once, and is kept nowhere', async () => {
  const shown = open('http://localhost/device?code=BCDF-GHJK#1.secret');
  const router = await import('./router');
  assert.deepEqual(shown, ['/device?code=BCDF-GHJK']);
  assert.equal(location.hash, '');
  assert.equal(router.place.value, '/device?code=BCDF-GHJK');
  assert.equal(router.takeFragment(), '1.secret');
  assert.equal(router.takeFragment(), '');
});

test('Who has to sign in first goes on where he wanted to', async () => {
  const router = await import('./router');
  router.go('/account');
  router.signInFirst();
  assert.equal(router.place.value, '/sign-in');
  assert.equal(router.wantedPlace(), '/account');
  router.goOn();
  assert.equal(router.place.value, '/account');
  router.goOn();
  assert.equal(router.place.value, '/');
});
