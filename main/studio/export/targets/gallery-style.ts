/** How a web gallery looks: dark or light as the system is, as many columns as fit. */

export const galleryStyle = `:root {
  color-scheme: light dark;
  --ground: light-dark(#fafaf9, #161618);
  --ink: light-dark(#1c1c1e, #ececee);
  --quiet: light-dark(#5c5c62, #a2a2aa);
  --plate: light-dark(#ececea, #232326);
  --mark: light-dark(#2457d6, #8fb0ff);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 1800px;
  padding: clamp(1rem, 3vw, 3rem);
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
header { max-width: 44rem; margin-bottom: 2rem; }
h1 { margin: 0; font-size: clamp(1.5rem, 4vw, 2.25rem); line-height: 1.2; text-wrap: balance; }
header p { margin: .5rem 0 0; white-space: pre-line; }
.count, figcaption { color: var(--quiet); font-size: .875rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--ground); z-index: 1; }
ul { list-style: none; margin: 0; padding: 0; }
.pictures {
  display: grid;
  gap: clamp(.75rem, 2vw, 1.5rem);
  grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr));
}
figure { margin: 0; }
figure a {
  display: grid;
  place-items: center;
  aspect-ratio: 1;
  border-radius: .5rem;
  background: var(--plate);
  overflow: hidden;
}
img { width: 100%; height: 100%; object-fit: contain; }
figcaption { margin-top: .5rem; overflow-wrap: anywhere; }
a { color: var(--mark); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 3px; }
main:focus { outline: none; }
nav { margin-top: 2.5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem; }
nav a { display: inline-block; min-width: 2.75rem; padding: .6rem .75rem; border-radius: .375rem; text-align: center; text-decoration: none; }
nav a:hover { background: var(--plate); }
nav a[aria-current] { background: var(--plate); color: var(--ink); font-weight: 600; }
@media print { nav, .skip { display: none; } }
`;
