/** Whole exports, read by a program that did not write them; `models/recipes/golden` has scripts for two more. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { addPicture, recipeOf } from '../library/library.fixture.ts';
import { parametersOf } from '../library/metadata/picture-metadata.ts';
import { trainedAlgorithmicMedia } from '../library/metadata/xmp.ts';
import { exported, filesIn, optionsOf, temporaryExports } from './exports.fixture.ts';

const recipe = recipeOf({ seed: 42, prompt: '猫 & a "red" roof 🐈, <b>, naïve\nsecond line' });
const marks = {
  rating: 4,
  label: 'red',
  addTags: ['屋根', 'still life'],
  note: 'of my own',
} as const;
const program = 'Atelier 0.1.0';

/** By group and name, such as `XMP-dc:Subject`; unknown ones too. */
type Tags = Readonly<Record<string, unknown>>;

/** Tells of the file on this disk, of ExifTool, of what it computed itself, and which format it found. */
const notInTheFile =
  /^(?:SourceFile$|System:|ExifTool:|Composite:|File:(?:FileType\w*|MIMEType|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample|ColorComponents|YCbCrSubSampling)$)/;

/** What is told of a picture's pixels and of how they lie in the file, and nothing of who made it and how. */
const ofPixels = {
  png: /^PNG:(?:ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace)$/,
  jpeg: /^JFIF:(?:JFIFVersion|ResolutionUnit|[XY]Resolution)$/,
  webp: /^RIFF:(?:WebP_Flags|VP8Version|ImageWidth|ImageHeight|HorizontalScale|VerticalScale)$/,
  avif: /^(?:Meta:PrimaryItemReference|QuickTime:(?:MajorBrand|MinorVersion|CompatibleBrands|HandlerType|AV1ConfigurationVersion|SeqProfile|SeqLevelIdx0|SeqTier0|HighBitDepth|TwelveBit|ChromaFormat|ChromaSamplePosition|InitialDelaySamples|ImageSpatialExtent|ImagePixelDepth|MediaData\w*))$/,
  tiff: /^(?:File:ExifByteOrder|IFD0:(?:ImageWidth|ImageHeight|BitsPerSample|Compression|PhotometricInterpretation|StripOffsets|Orientation|SamplesPerPixel|RowsPerStrip|StripByteCounts|[XY]Resolution|PlanarConfiguration|ResolutionUnit|Predictor|SampleFormat))$/,
} as const;

function readByExiftool(file: string): Tags {
  const text = execFileSync('exiftool', ['-json', '-G1', '-a', '-u', '-struct', file], {
    encoding: 'utf8',
  });
  const [tags = {}] = JSON.parse(text) as Tags[];
  return tags;
}

/** One picture with a recipe and every mark, as `format` with each profile. */
async function exportsOf(format: 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff') {
  await using temporary = await temporaryExports();
  const { id } = await addPicture(temporary.library, recipe);
  await temporary.library.change.mark({
    ids: [id],
    change: { ...marks, addTags: [...marks.addTags] },
  });
  const exports = await temporary.open();
  const told: Record<string, Tags> = {};
  for (const metadata of ['full', 'disclosure', 'clean'] as const) {
    const folder = path.join(temporary.root, metadata);
    const job = await exported(
      exports,
      optionsOf({ kind: 'folder', path: folder }, { format, metadata, name: 'x' }),
    );
    expect(job).toMatchObject({ state: 'done', progress: { written: 1 } });
    const [name = ''] = await filesIn(folder);
    const tags = readByExiftool(path.join(folder, name));
    expect(tags['ExifTool:Warning']).toBeUndefined();
    expect(tags['ExifTool:Error']).toBeUndefined();
    told[metadata] = tags;
  }
  return told;
}

const hasExiftool = spawnSync('exiftool', ['-ver']).status === 0;

describe.each(['png', 'jpeg', 'webp', 'avif', 'tiff'] as const)('an export as %s', (format) => {
  it('tells ExifTool what its profile says and no more', async (context) => {
    context.skip(!hasExiftool, 'ExifTool is not installed');
    const { full, disclosure, clean } = await exportsOf(format);
    expect(full).toMatchObject({
      'XMP-iptcExt:DigitalSourceType': trainedAlgorithmicMedia,
      'XMP-xmp:CreatorTool': program,
      'XMP-xmp:Rating': marks.rating,
      'XMP-xmp:Label': 'Red',
      'XMP-dc:Subject': marks.addTags,
      'XMP-dc:Description': marks.note,
    });
    const [text, recipeJson] =
      format === 'png'
        ? (['PNG:Parameters', 'PNG:Atelier'] as const)
        : (['ExifIFD:UserComment', 'XMP-atelier:Recipe'] as const);
    expect(full?.[text]).toBe(parametersOf(recipe));
    expect(JSON.parse(String(full?.[recipeJson]))).toEqual(recipe);

    const further = (tags: Tags = {}) =>
      Object.fromEntries(
        Object.entries(tags).filter(
          ([tag]) => !notInTheFile.test(tag) && !ofPixels[format].test(tag),
        ),
      );
    expect(further(disclosure)).toEqual({
      'XMP-iptcExt:DigitalSourceType': trainedAlgorithmicMedia,
      'XMP-xmp:CreatorTool': program,
    });
    expect(further(clean)).toEqual({});
  });
});
