import fakePackage from './react-native.js';

export const {
  ContentType, IntercomContent, IntercomEvents, LogLevel, ProactiveContentType, Space, ThemeMode, Visibility,
  events, fake,
} = fakePackage;
export default fakePackage.default;
