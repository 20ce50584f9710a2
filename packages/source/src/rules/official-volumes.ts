import { shortName } from './image.ts';

/** Official images that declare a VOLUME for their state. */
const DECLARES: Readonly<Record<string, readonly string[]>> = {
  postgres: ['/var/lib/postgresql'],
  mysql: ['/var/lib/mysql'],
  mariadb: ['/var/lib/mysql'],
  mongo: ['/data'],
  redis: ['/data'],
  valkey: ['/data'],
  rabbitmq: ['/var/lib/rabbitmq'],
  couchdb: ['/opt/couchdb/data'],
  influxdb: ['/var/lib/influxdb'],
  wordpress: ['/var/www/html'],
  registry: ['/var/lib/registry'],
  nextcloud: ['/var/www/html'],
  ghost: ['/var/lib/ghost/content'],
  'prom/prometheus': ['/prometheus'],
  'jenkins/jenkins': ['/var/jenkins_home'],
};

/** @param name of the image, without tag and digest */
export function volumesOfImage(name: string): readonly string[] {
  const short = shortName(name);
  return (Object.hasOwn(DECLARES, short) ? DECLARES[short] : undefined) ?? [];
}
