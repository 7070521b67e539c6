import cordova from './cordova.js';

export const { fake, install, intercom, intercomContent } = cordova;
export default cordova;
