/** What this browser is called in a list of devices: `Firefox on Linux`. */
export function browserName(agent: string = navigator.userAgent): string {
  const browser = first(agent, [
    [/\bEdg\//, 'Edge'],
    [/\bOPR\//, 'Opera'],
    [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
    [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
    [/\bSafari\//, 'Safari'],
  ]);
  const system = platformName(agent);
  return system ? `${browser ?? 'A browser'} on ${system}` : (browser ?? 'A browser');
}

export function platformName(agent: string = navigator.userAgent): string | null {
  return first(agent, [
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/CrOS/, 'ChromeOS'],
    [/Linux/, 'Linux'],
  ]);
}

function first(text: string, names: readonly (readonly [RegExp, string])[]): string | null {
  return names.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
