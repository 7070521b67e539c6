import { fake } from 'intercom-fake/react-native';

fake.network.explode();
export const user: number = fake.user;
