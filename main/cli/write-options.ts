/** The options of `atelier write`, and how each is read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type SamplingField,
  samplingFields,
  samplingPresets,
} from '../../contract/sampling-fields.ts';
import { weightFormats } from '../../contract/decoding.ts';
import {
  type LogitBias,
  type SamplerStage,
  samplerOrders,
  samplerStages,
} from '../../contract/write.ts';
import { decimal, integer } from './number-options.ts';

export function withWriteOptions(command: Command): Command {
  return command
    .option('--max-tokens <number>', 'tokens to write at most', integer)
    .option('--seed <number>', 'seed (default: drawn)', integer)
    .option('--model <id>', 'text model (default: the first one installed)')
    .addOption(
      new Option(
        '--weights <kind>',
        'which of the weights in its folder to run (default: the most exact)',
      ).choices(weightFormats),
    )
    .option('--chat', "answer the prompt as a turn of a conversation, by the model's own template")
    .option(
      '--messages <file>',
      'answer a conversation: JSON, a list of { "role", "content" }; a prompt is one turn more',
    )
    .addOption(
      new Option('-n, --alternatives <number>', 'write this many texts side by side')
        .argParser(integer)
        .conflicts(['beams', 'draft']),
    )
    .addOption(
      new Option(
        '--beams <number[:penalty]>',
        'search this many beams for the likeliest text, instead of drawing; penalty: above 0 favours long texts',
      )
        .argParser(numbers(1, 2))
        .conflicts('draft'),
    )
    .option(
      '--draft <model>',
      'guess tokens ahead, which changes how fast it goes and not how likely a text is: a smaller model of the same family, or prompt-lookup',
    )
    .option('--draft-tokens <number>', 'guess this many at once', integer)
    .option(
      '--score <file>',
      'write nothing: print how surprising the text of a file is, one JSON object a token; - reads standard input',
    )
    .addOption(
      new Option(
        '--preset <name>',
        "settings to start from, instead of the model's own; further options change them",
      ).choices(samplingPresets.map(({ id }) => id)),
    )
    .option('--temperature <number>', help('temperature'), decimal)
    .option(
      '--dynatemp <lo:hi[:exp]>',
      `a temperature between two, by how sure the model is; exp: ${help('dynamicTemperatureExponent')}`,
      numbers(2, 3),
    )
    .option('--top-k <number>', help('topK'), integer)
    .option('--top-p <number>', help('topP'), decimal)
    .option('--min-p <number>', help('minP'), decimal)
    .option('--top-n-sigma <number>', help('topNSigma'), decimal)
    .option('--typical <number>', help('typicalP'), decimal)
    .option(
      '--xtc <p[:threshold]>',
      `${help('xtcProbability')}; threshold: ${help('xtcThreshold')}`,
      numbers(1, 2),
    )
    .option(
      '--dry <mult[:base[:allowed]]>',
      `${help('dryMultiplier')}; allowed: ${help('dryAllowedLength')}`,
      numbers(1, 3),
    )
    .option('--dry-window <tokens>', help('dryWindow'), integer)
    .option('--dry-breaker <text...>', 'a repeat is not followed across any of these')
    .option('--repetition-penalty <number>', help('repetitionPenalty'), decimal)
    .option('--frequency-penalty <number>', help('frequencyPenalty'), decimal)
    .option('--presence-penalty <number>', help('presencePenalty'), decimal)
    .option('--penalty-window <tokens>', help('penaltyWindow'), integer)
    .option('--no-repeat-ngram <tokens>', help('noRepeatNgram'), integer)
    .option(
      '--mirostat <tau[:eta]>',
      `${help('mirostatTau')}; eta: ${help('mirostatEta')}`,
      numbers(1, 2),
    )
    .option(
      '--order <stages>',
      `stages with commas between, or ${Object.keys(samplerOrders).join(' or ')}: what is applied, and in which order (${samplerStages.join(', ')})`,
      order,
    )
    .option('--stop <text...>', 'end before any of these')
    .option('--ban <text...>', 'never write any of these, in capitals or not')
    .option(
      '--bias <token=number...>',
      'make a token more or less likely: its id or its text, and what is added to its logit; =ban forbids it',
      bias,
    )
    .addOption(
      new Option('--json-schema <file>', 'write JSON that is valid under this schema').conflicts([
        'grammar',
        'regex',
      ]),
    )
    .addOption(
      new Option(
        '--grammar <file>',
        "write what this grammar allows, in llama.cpp's notation",
      ).conflicts(['jsonSchema', 'regex']),
    )
    .addOption(
      new Option('--regex <pattern>', 'write what this regular expression matches').conflicts([
        'jsonSchema',
        'grammar',
      ]),
    )
    .option(
      '--logprobs <number>',
      'with --json: this many likeliest tokens at every place, with probabilities',
      integer,
    )
    .option('--json', 'print one JSON object a line for each event');
}

function help(key: SamplingField['key']): string {
  const tip = samplingFields.find((field) => field.key === key)?.tip ?? '';
  return tip.charAt(0).toLowerCase() + tip.slice(1).replace(/\.$/, '');
}

/** Numbers with colons between. */
function numbers(least: number, most: number): (text: string) => number[] {
  return (text) => {
    const parts = text.split(':');
    if (parts.length < least || parts.length > most) {
      const count = least === most ? `${least}` : `${least} to ${most}`;
      throw new InvalidArgumentError(`It takes ${count} numbers with colons between.`);
    }
    return parts.map(decimal);
  };
}

function order(text: string): SamplerStage[] {
  const named = Object.entries(samplerOrders).find(([name]) => name === text);
  if (named) return [...named[1]];
  return text.split(',').map((part) => {
    const stage = samplerStages.find((name) => name === part.trim());
    if (stage) return stage;
    throw new InvalidArgumentError(
      `"${part.trim()}" is no stage. There are: ${samplerStages.join(', ')}.`,
    );
  });
}

/** `12=+1.5`, ` dragon=-3`, `"12"=ban`: digits are an id, unless in quotes. */
function bias(text: string, previous: LogitBias[] = []): LogitBias[] {
  const [, name = '', value = ''] = /^([\s\S]+)=([^=]+)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('It takes a token, "=" and a number or "ban".');
  const quoted = /^"([\s\S]+)"$/.exec(name)?.[1];
  const token = quoted ?? (/^\d+$/.test(name) ? Number(name) : name);
  const added = /^(ban|-inf(inity)?)$/i.test(value.trim()) ? 'ban' : decimal(value);
  return [...previous, { token, bias: added }];
}
