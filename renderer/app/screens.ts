import {
  Activity,
  Boxes,
  Images,
  PenLine,
  Settings2,
  Sparkles,
  type LucideIcon,
} from 'lucide-react';
import { z } from 'zod';

export const screenNames = [
  'create',
  'write',
  'gallery',
  'models',
  'activity',
  'settings',
] as const;
export const ScreenName = z.enum(screenNames);
export type ScreenName = z.infer<typeof ScreenName>;

export const screens: Readonly<
  Record<ScreenName, { readonly title: string; readonly icon: LucideIcon }>
> = {
  create: { title: 'Create', icon: Sparkles },
  write: { title: 'Write', icon: PenLine },
  gallery: { title: 'Gallery', icon: Images },
  models: { title: 'Models', icon: Boxes },
  activity: { title: 'Activity', icon: Activity },
  settings: { title: 'Settings', icon: Settings2 },
};
