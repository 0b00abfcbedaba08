import { describe, expect, it } from 'vitest';
import { createPhiloxGenerator } from './philox-generator.ts';

describe('Philox generator', () => {
  it('draws the known first values of seed 0, as torch does on Nvidia devices', () => {
    // `torch.randn(9, device="cuda", generator=torch.Generator("cuda").manual_seed(0))`, as published.
    const known = [-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797, -0.6229, -0.3284, -1.0745];
    const drawn = [...createPhiloxGenerator(0).normals(9)].map((value) => Number(value.toFixed(4)));
    expect(drawn).toEqual(known);
  });

  it('goes on with another stream at each call', () => {
    const generator = createPhiloxGenerator(5);
    expect(generator.normals(4)).not.toEqual(generator.normals(4));
    expect(createPhiloxGenerator(5).normals(4)).toEqual(createPhiloxGenerator(5).normals(4));
  });
});
