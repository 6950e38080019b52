import { signal } from '@preact/signals';

/** Where the page is: path and query, without the fragment. */
export const place = signal(here());

/** Counts the links that were opened over this page's own address: each is looked at anew, for what followed its `#` is another. */
export const opened = signal(0);

/** Where somebody wanted to go who has to sign in first. */
let wanted: string | null = null;

// A fragment of ours is a secret: it is read once, and gone from the address bar before anything else runs.
let fragment = location.hash.slice(1);
if (fragment) history.replaceState(null, '', here());

/** What followed the `#` when the page was opened; it is forgotten with this. */
export function takeFragment(): string {
  const taken = fragment;
  fragment = '';
  return taken;
}

export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  place.value = here();
  scrollTo(0, 0);
}

/** To the sign-in page, and back here afterwards. */
export function signInFirst(): void {
  wanted = place.value;
  go('/sign-in', 'replace');
}

export function wantedPlace(): string {
  return wanted ?? '/';
}

export function remember(path: string): void {
  wanted = path;
}

/** After signing in: where one wanted to go, else home. */
export function goOn(): void {
  const next = wanted ?? '/';
  wanted = null;
  go(next, 'replace');
}

/** Keeps links of this page in it; whatever a person does to open one elsewhere is the browser's. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    place.value = here();
  });
  // A link of ours that is pasted over this page's own address.
  addEventListener('hashchange', () => {
    if (location.hash.length <= 1) return;
    fragment = location.hash.slice(1);
    history.replaceState(null, '', here());
    place.value = here();
    opened.value++;
  });
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a');
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target || link.download || !link.dataset.page) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

function here(): string {
  return location.pathname + location.search;
}
