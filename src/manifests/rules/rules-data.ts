import type { OperatorRules } from './operator-rules.ts';

/** Databases, queues, search and storage. */
export const dataRules: readonly OperatorRules[] = [
  {
    source: 'https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/cluster_types.go',
    reference: {
      'postgresql.cnpg.io/* Cluster': 'spec.imageName spec.postgresql.extensions[].image.reference',
    },
  },
  {
    source: 'https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/imagecatalog_types.go',
    reference: {
      'postgresql.cnpg.io/* ImageCatalog ClusterImageCatalog':
        'spec.images[].image spec.images[].extensions[].image.reference spec.componentImages[].image',
    },
  },
  {
    source: 'https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/pooler_types.go',
    reference: { 'postgresql.cnpg.io/* Pooler': 'spec.pgbouncer.image' },
  },
  {
    source:
      'https://github.com/zalando/postgres-operator/blob/master/charts/postgres-operator/crds/postgresqls.yaml',
    reference: {
      'acid.zalan.do/* postgresql':
        'spec.dockerImage spec.connectionPooler.dockerImage spec.sidecars[].image',
    },
  },
  {
    source:
      'https://github.com/zalando/postgres-operator/blob/master/charts/postgres-operator/crds/operatorconfigurations.yaml',
    reference: {
      'acid.zalan.do/* OperatorConfiguration':
        'configuration.docker_image configuration.connection_pooler.connection_pooler_image configuration.logical_backup.logical_backup_docker_image configuration.scalyr.scalyr_image configuration.sidecar_docker_images.*',
    },
  },
  {
    source:
      'https://github.com/CrunchyData/postgres-operator/blob/main/config/crd/bases/postgres-operator.crunchydata.com_postgresclusters.yaml',
    reference: {
      'postgres-operator.crunchydata.com/* PostgresCluster':
        'spec.image spec.backups.pgbackrest.image spec.proxy.pgBouncer.image spec.monitoring.pgmonitor.exporter.image spec.userInterface.pgAdmin.image spec.instrumentation.image',
      'postgres-operator.crunchydata.com/* PGAdmin': 'spec.image spec.instrumentation.image',
      'postgres-operator.crunchydata.com/* PGUpgrade': 'spec.image',
    },
  },
  {
    source:
      'https://github.com/percona/percona-postgresql-operator/blob/main/build/crd/percona/generated/pgv2.percona.com_perconapgclusters.yaml',
    reference: {
      'pgv2.percona.com/* PerconaPGCluster':
        'spec.image spec.backups.pgbackrest.image spec.backups.pgbackrest.initContainer.image spec.backups.pgbackrest.repoHost.sidecars[].image spec.extensions.image spec.initContainer.image spec.instances[].initContainer.image spec.instances[].sidecars[].image spec.logcollector.image spec.pmm.image spec.proxy.pgBouncer.image spec.proxy.pgBouncer.sidecars[].image',
      'pgv2.percona.com/* PerconaPGUpgrade':
        'spec.image spec.toPostgresImage spec.toPgBouncerImage spec.toPgBackRestImage',
    },
  },
  {
    source:
      'https://github.com/percona/percona-server-mysql-operator/blob/main/api/v1/perconaservermysql_types.go',
    reference: {
      'ps.percona.com/* PerconaServerMySQL': [
        ...[
          'mysql',
          'orchestrator',
          'proxy.router',
          'proxy.haproxy',
          'backup',
          'backup.pitr.binlogServer',
        ].flatMap((part) => [
          `spec.${part}.image`,
          `spec.${part}.initImage`,
          `spec.${part}.initContainer.image`,
        ]),
        'spec.mysql.sidecars[].image spec.pmm.image spec.toolkit.image spec.initImage spec.initContainer.image',
      ].join(' '),
      'ps.percona.com/* PerconaServerMySQLClusterSet': 'spec.mysqlshellRunner.image',
    },
  },
  {
    source:
      'https://github.com/percona/percona-xtradb-cluster-operator/blob/main/config/crd/bases/pxc.percona.com_perconaxtradbclusters.yaml',
    reference: {
      'pxc.percona.com/* PerconaXtraDBCluster':
        'spec.pxc.image spec.pxc.sidecars[].image spec.haproxy.image spec.haproxy.sidecars[].image spec.proxysql.image spec.proxysql.sidecars[].image spec.logcollector.image spec.backup.image spec.pmm.image spec.initContainer.image spec.initImage',
    },
  },
  {
    source:
      'https://github.com/percona/percona-server-mongodb-operator/blob/main/config/crd/bases/psmdb.percona.com_perconaservermongodbs.yaml',
    reference: {
      'psmdb.percona.com/* PerconaServerMongoDB': [
        'spec.image spec.initImage spec.backup.image spec.pmm.image spec.logcollector.image spec.search.image',
        ...['replsets[]', 'sharding.configsvrReplSet'].flatMap((set) =>
          ['', '.arbiter', '.hidden', '.nonvoting'].map((member) => `spec.${set}${member}.sidecars[].image`),
        ),
        'spec.sharding.mongos.sidecars[].image',
      ].join(' '),
      'psmdb.percona.com/* PerconaServerMongoDBClusterSync': 'spec.image',
    },
  },
  {
    source:
      'https://github.com/mariadb-operator/mariadb-operator/blob/main/config/crd/bases/k8s.mariadb.com_mariadbs.yaml',
    reference: {
      'k8s.mariadb.com/* MariaDB':
        'spec.image spec.galera.agent.image spec.galera.initContainer.image spec.replication.agent.image spec.replication.initContainer.image spec.metrics.exporter.image spec.sidecarContainers[].image',
      'k8s.mariadb.com/* MaxScale': 'spec.image spec.metrics.exporter.image',
      'k8s.mariadb.com/* ExternalMariaDB': 'spec.image',
    },
  },
  {
    source: 'https://github.com/mariadb-operator/mariadb-operator/blob/v25.8.0/api/v1alpha1/mariadb_types.go',
    reference: { 'k8s.mariadb.com/* MariaDB': 'spec.maxScale.image' },
  },
  {
    source:
      'https://github.com/k8ssandra/cass-operator/blob/master/apis/cassandra/v1beta1/cassandradatacenter_types.go',
    reference: {
      'cassandra.datastax.com/* CassandraDatacenter':
        'spec.serverImage spec.configBuilderImage spec.systemLoggerImage',
    },
  },
  {
    source: 'https://github.com/spotahome/redis-operator/blob/master/api/redisfailover/v1/types.go',
    reference: {
      'databases.spotahome.com/* RedisFailover':
        'spec.redis.image spec.redis.exporter.image spec.redis.extraContainers[].image spec.sentinel.image spec.sentinel.exporter.image spec.sentinel.extraContainers[].image',
    },
  },
  {
    source:
      'https://github.com/OT-CONTAINER-KIT/redis-operator/blob/main/charts/redis-operator/crds/crds.yaml',
    reference: {
      'redis.redis.opstreelabs.in/* Redis RedisCluster RedisReplication RedisSentinel':
        'spec.kubernetesConfig.image spec.redisExporter.image spec.initContainer.image spec.sidecars[].image',
      'redis.redis.opstreelabs.in/* RedisReplication': 'spec.sentinel.image',
    },
  },
  {
    source:
      'https://github.com/strimzi/strimzi-kafka-operator/blob/main/helm-charts/helm3/strimzi-kafka-operator/crds/040-Crd-kafka.yaml',
    reference: {
      'kafka.strimzi.io/* Kafka':
        'spec.kafka.image spec.kafka.brokerRackInitImage spec.entityOperator.topicOperator.image spec.entityOperator.userOperator.image spec.kafkaExporter.image spec.cruiseControl.image',
    },
  },
  {
    source:
      'https://github.com/strimzi/strimzi-kafka-operator/blob/0.45.0/packaging/install/cluster-operator/040-Crd-kafka.yaml',
    reference: {
      'kafka.strimzi.io/* Kafka':
        'spec.zookeeper.image spec.entityOperator.tlsSidecar.image spec.cruiseControl.tlsSidecar.image spec.jmxTrans.image',
      'kafka.strimzi.io/* KafkaMirrorMaker': 'spec.image',
    },
  },
  {
    source:
      'https://github.com/strimzi/strimzi-kafka-operator/blob/main/helm-charts/helm3/strimzi-kafka-operator/crds/041-Crd-kafkaconnect.yaml',
    reference: {
      'kafka.strimzi.io/* KafkaConnect KafkaMirrorMaker2 KafkaBridge': 'spec.image spec.clientRackInitImage',
      'kafka.strimzi.io/* KafkaConnect': 'spec.plugins[].artifacts[].reference',
    },
  },
  {
    source:
      'https://github.com/rabbitmq/cluster-operator/blob/main/config/crd/bases/rabbitmq.com_rabbitmqclusters.yaml',
    reference: {
      'rabbitmq.com/* RabbitmqCluster': 'spec.image spec.secretBackend.vault.defaultUserUpdaterImage',
    },
  },
  {
    source: 'https://github.com/emqx/emqx-operator/blob/main/config/crd/bases/apps.emqx.io_emqxes.yaml',
    reference: {
      'apps.emqx.io/* EMQX':
        'spec.image spec.coreTemplate.spec.extraContainers[].image spec.replicantTemplate.spec.extraContainers[].image',
    },
  },
  {
    source: 'https://github.com/elastic/cloud-on-k8s/blob/main/config/crds/v1/all-crds.yaml',
    reference: {
      'agent.k8s.elastic.co/* Agent': 'spec.image',
      'apm.k8s.elastic.co/* ApmServer': 'spec.image',
      'autoops.k8s.elastic.co/* AutoOpsAgentPolicy': 'spec.image',
      'beat.k8s.elastic.co/* Beat': 'spec.image',
      'elasticsearch.k8s.elastic.co/* Elasticsearch': 'spec.image',
      'enterprisesearch.k8s.elastic.co/* EnterpriseSearch': 'spec.image',
      'kibana.k8s.elastic.co/* Kibana': 'spec.image',
      'logstash.k8s.elastic.co/* Logstash': 'spec.image',
      'maps.k8s.elastic.co/* ElasticMapsServer': 'spec.image',
      'packageregistry.k8s.elastic.co/* PackageRegistry': 'spec.image',
    },
  },
  {
    source: 'https://github.com/minio/operator/blob/master/helm/operator/templates/minio.min.io_tenants.yaml',
    reference: { 'minio.min.io/* Tenant': 'spec.image spec.kes.image' },
  },
  {
    source: 'https://github.com/minio/operator/blob/v4.5.8/pkg/apis/minio.min.io/v2/types.go',
    reference: {
      'minio.min.io/* Tenant':
        'spec.log.image spec.log.db.image spec.log.db.initimage spec.prometheus.image spec.prometheus.sidecarimage spec.prometheus.initimage',
    },
  },
  {
    source: 'https://github.com/rook/rook/blob/master/pkg/apis/ceph.rook.io/v1/types.go',
    reference: {
      'ceph.rook.io/* CephCluster': 'spec.cephVersion.image',
      'ceph.rook.io/* CephNFS': 'spec.server.image spec.security.sssd.sidecar.image',
      'ceph.rook.io/* CephCOSIDriver': 'spec.image spec.objectProvisionerImage',
      'ceph.rook.io/* CephNVMeOFGateway': 'spec.image',
    },
  },
  {
    source:
      'https://github.com/longhorn/longhorn-manager/blob/master/k8s/pkg/apis/longhorn/v1beta2/engineimage.go',
    reference: { 'longhorn.io/* EngineImage': 'spec.image' },
  },
];
