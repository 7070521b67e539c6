jest.mock('react-native', () => {
  const IntercomEventEmitter = {
    UNREAD_COUNT_CHANGE_NOTIFICATION: 'IntercomUnreadConversationCountDidChangeNotification',
    WINDOW_DID_HIDE_NOTIFICATION: 'IntercomWindowDidHideNotification',
    WINDOW_DID_SHOW_NOTIFICATION: 'IntercomWindowDidShowNotification',
  };
  const modules = { IntercomModule: {}, IntercomEventEmitter };
  return {
    NativeModules: modules,
    Platform: { OS: 'ios', select: (choices) => choices.default },
    TurboModuleRegistry: { get: (name) => modules[name], getEnforcing: (name) => modules[name] },
  };
}, { virtual: true });

const real = jest.requireActual('@intercom/intercom-react-native');
const fake = require('intercom-fake/react-native');

test('every name of the package is there, with its functions and constants', () => {
  const { default: functions, IntercomContent: builders, ...constants } = real;
  expect(Object.keys(fake.default).sort()).toEqual(Object.keys(functions).sort());
  for (const [name, build] of Object.entries(builders)) {
    expect(fake.IntercomContent[name]('1')).toEqual(build('1'));
  }
  expect(Object.keys(constants).length).toBeGreaterThan(5);
  expect(fake).toMatchObject(constants);
});
