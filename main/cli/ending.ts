/** How a command is ended from outside. */
import { StudioError } from '../../contract/errors.ts';

/** Why a command's signal aborts where the system ends the program: what can go on later is left to. */
export const ended = new StudioError('cancelled', 'The program was ended.');
