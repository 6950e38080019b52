import { encode } from 'uqr';

/** A text as a picture to scan: always dark on white, for that is what cameras read. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  const path = data.flatMap((row, y) => runs(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`)).join('');
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
        <path d={path} fill="currentColor" />
      </svg>
    </div>
  );
}

/** Where dark modules begin in a row, and how many there are. */
function runs(row: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const from = x;
    while (row[x + 1]) x++;
    found.push([from, x - from + 1]);
  }
  return found;
}
