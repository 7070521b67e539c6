import * as fakePackage from 'intercom-fake/react-native';
import { fake as cordovaFake, install } from 'intercom-fake/cordova';
import { Fake } from 'intercom-fake';

/** The fake can stand wherever an app has the package: this does not compile if a name or a type is missing. */
export const standIn: typeof import('@intercom/intercom-react-native') = fakePackage;

const fakes: Fake[] = [cordovaFake, fakePackage.fake, new Fake({ platform: 'ios' })];
const uninstall: () => void = install({});
fakes.forEach((one) => { one.network.hold(); one.publish('ARTICLE', '1'); one.reset(); });
uninstall();
export const userId: string | null | undefined = fakes[0]?.user?.user_id;
