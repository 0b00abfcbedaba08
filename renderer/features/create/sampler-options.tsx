/** What single samplers can be told beyond steps and schedule; nothing where they listen to nothing. */
import type { SamplerOptions } from '../../../contract/image-options.ts';
import type { SchedulerName } from '../../../contract/image-request.ts';
import { samplerOptionsOf } from '../../../contract/scheduler-names.ts';
import { NumberField } from '../../ui/number-field.tsx';

interface SamplerOptionFieldsProps {
  readonly scheduler: SchedulerName;
  readonly options: SamplerOptions;
  readonly onChange: (options: SamplerOptions) => void;
}

export function SamplerOptionFields({ scheduler, options, onChange }: SamplerOptionFieldsProps) {
  const listens = samplerOptionsOf(scheduler);
  const isDeterministic = scheduler === 'ddim' || scheduler === 'tcd';
  const ownEta = scheduler === 'tcd' ? 0.3 : isDeterministic ? 0 : 1;
  return (
    <>
      {listens.includes('eta') && (
        <NumberField
          label="Fresh noise"
          tip="How much new noise each step stirs in (eta): 0 goes straight to the picture, more wanders further from it."
          value={options.eta ?? ownEta}
          min={0}
          max={2}
          sliderMax={1}
          step={0.05}
          slider
          defaultValue={ownEta}
          onChange={(eta) => onChange({ ...options, eta: eta === ownEta ? null : eta })}
        />
      )}
      {listens.includes('sChurn') && (
        <NumberField
          label="Churn"
          tip="Noise added and taken out again on the way: a little corrects mistakes, much changes the picture."
          value={options.sChurn}
          min={0}
          max={100}
          sliderMax={20}
          step={0.5}
          slider
          defaultValue={0}
          onChange={(sChurn) => onChange({ ...options, sChurn })}
        />
      )}
      {listens.includes('sNoise') && (!listens.includes('sChurn') || options.sChurn > 0) && (
        <NumberField
          label="Noise strength"
          tip="How strong the noise of each step is: slightly above 1 keeps detail that would be smoothed away."
          value={options.sNoise}
          min={0}
          max={2}
          sliderMax={1.1}
          step={0.005}
          slider
          defaultValue={1}
          onChange={(sNoise) => onChange({ ...options, sNoise })}
        />
      )}
    </>
  );
}
