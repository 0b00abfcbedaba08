/** Pictures that look like something: soft shapes of many colours at places that depend on a seed. */
import sharp, { type Sharp } from 'sharp';

/** Numbers from 0 to 1 (Numerical Recipes' linear congruential generator; the upper bits are good enough here). */
export function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function scene(seed: number, width = 320, height = 240): Sharp {
  const random = randomOf(seed);
  const colour = () => `hsl(${random() * 360}, ${30 + random() * 60}%, ${20 + random() * 60}%)`;
  const shapes = Array.from({ length: 9 }, () => {
    const [x, y, w, h] = [random() * 320, random() * 240, 20 + random() * 90, 20 + random() * 90];
    return random() < 0.5
      ? `<ellipse cx="${x}" cy="${y}" rx="${w}" ry="${h}" fill="${colour()}"/>`
      : `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${colour()}" transform="rotate(${random() * 90} ${x} ${y})"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" width="${width}" height="${height}" preserveAspectRatio="none">
    <rect width="320" height="240" fill="${colour()}"/>${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' });
}
