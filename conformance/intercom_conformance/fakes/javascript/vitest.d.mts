/** A plugin for Vitest's configuration: the fake takes the place of @intercom/intercom-react-native in every test. */
export default function intercomFake(): { name: string; config(): object };
