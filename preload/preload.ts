/** Hands the page one message port to the studio, and nothing else. */
import { ipcRenderer } from 'electron';

ipcRenderer.on('atelier-port', (event) => {
  window.postMessage('atelier-port', window.location.origin, event.ports);
});
