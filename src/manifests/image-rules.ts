import type { ImageRule } from './types.ts';

/** Where the custom resources of one kind name images, and where that is written down. */
interface RuleRow {
  readonly apiVersion: string;
  /** Apart by spaces, as are the fields. */
  readonly kinds: string;
  readonly fields: string;
  readonly format?: ImageRule['format'];
  readonly source: string;
}

/** Of a Workflow, below its spec. */
function workflowFields(spec: string): string {
  return [
    'templates[].container.image',
    'templates[].script.image',
    'templates[].sidecars[].image',
    'templates[].dag.tasks[].inline.container.image',
    'templates[].dag.tasks[].inline.script.image',
    'templates[].steps[][].inline.container.image',
    'templates[].steps[][].inline.script.image',
    'templateDefaults.container.image',
    'templateDefaults.script.image',
  ]
    .map((field) => spec + field)
    .join(' ');
}

/** Operators that people run. Pod specs in custom resources need no row: they are known by their shape. */
const rows: readonly RuleRow[] = [
  {
    apiVersion: 'monitoring.coreos.com/*',
    kinds: 'Prometheus',
    fields: 'spec.image spec.thanos.image',
    source: 'https://prometheus-operator.dev/docs/api-reference/api/',
  },
  {
    apiVersion: 'monitoring.coreos.com/*',
    kinds: 'PrometheusAgent Alertmanager ThanosRuler',
    fields: 'spec.image',
    source: 'https://prometheus-operator.dev/docs/api-reference/api/',
  },
  {
    apiVersion: 'argoproj.io/*',
    kinds: 'Workflow WorkflowTemplate ClusterWorkflowTemplate',
    fields: workflowFields('spec.'),
    source: 'https://argo-workflows.readthedocs.io/en/latest/fields/',
  },
  {
    apiVersion: 'argoproj.io/*',
    kinds: 'CronWorkflow',
    fields: workflowFields('spec.workflowSpec.'),
    source: 'https://argo-workflows.readthedocs.io/en/latest/fields/',
  },
  {
    apiVersion: 'argoproj.io/*',
    kinds: 'ExecutorPlugin',
    fields: 'spec.sidecar.container.image',
    source: 'https://argo-workflows.readthedocs.io/en/latest/executor_plugins/',
  },
  {
    apiVersion: 'argoproj.io/*',
    kinds: 'ArgoCD',
    fields: 'spec',
    format: 'map',
    source: 'https://argocd-operator.readthedocs.io/en/latest/reference/argocd/',
  },
  {
    apiVersion: 'tekton.dev/*',
    kinds: 'Task ClusterTask',
    fields: 'spec.steps[].image spec.sidecars[].image spec.stepTemplate.image',
    source: 'https://tekton.dev/docs/pipelines/pipeline-api/',
  },
  {
    apiVersion: 'tekton.dev/*',
    kinds: 'TaskRun',
    fields: 'spec.taskSpec.steps[].image spec.taskSpec.sidecars[].image spec.taskSpec.stepTemplate.image',
    source: 'https://tekton.dev/docs/pipelines/pipeline-api/',
  },
  {
    apiVersion: 'tekton.dev/*',
    kinds: 'Pipeline',
    fields:
      'spec.tasks[].taskSpec.steps[].image spec.tasks[].taskSpec.sidecars[].image spec.tasks[].taskSpec.stepTemplate.image spec.finally[].taskSpec.steps[].image spec.finally[].taskSpec.sidecars[].image spec.finally[].taskSpec.stepTemplate.image',
    source: 'https://tekton.dev/docs/pipelines/pipeline-api/',
  },
  {
    apiVersion: 'tekton.dev/*',
    kinds: 'PipelineRun',
    fields:
      'spec.pipelineSpec.tasks[].taskSpec.steps[].image spec.pipelineSpec.tasks[].taskSpec.sidecars[].image spec.pipelineSpec.tasks[].taskSpec.stepTemplate.image spec.pipelineSpec.finally[].taskSpec.steps[].image spec.pipelineSpec.finally[].taskSpec.sidecars[].image spec.pipelineSpec.finally[].taskSpec.stepTemplate.image',
    source: 'https://tekton.dev/docs/pipelines/pipeline-api/',
  },
  {
    apiVersion: 'tekton.dev/*',
    kinds: 'StepAction',
    fields: 'spec.image',
    source: 'https://tekton.dev/docs/pipelines/stepactions/',
  },
  {
    apiVersion: 'serving.kserve.io/*',
    kinds: 'InferenceService',
    fields: 'spec.predictor.model.image spec.predictor.workerSpec.image',
    source: 'https://kserve.github.io/website/docs/reference/crd-api',
  },
  {
    apiVersion: 'serving.kserve.io/*',
    kinds: 'ClusterStorageContainer',
    fields: 'spec.container.image',
    source: 'https://kserve.github.io/website/docs/reference/crd-api',
  },
  {
    apiVersion: 'postgresql.cnpg.io/*',
    kinds: 'Cluster',
    fields: 'spec.imageName',
    source: 'https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/',
  },
  {
    apiVersion: 'postgresql.cnpg.io/*',
    kinds: 'ImageCatalog ClusterImageCatalog',
    fields: 'spec.images[].image',
    source: 'https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/',
  },
  {
    apiVersion: 'kafka.strimzi.io/*',
    kinds: 'Kafka',
    fields:
      'spec.kafka.image spec.zookeeper.image spec.entityOperator.topicOperator.image spec.entityOperator.userOperator.image spec.kafkaExporter.image spec.cruiseControl.image',
    source: 'https://strimzi.io/docs/operators/latest/configuring.html',
  },
  {
    apiVersion: 'kafka.strimzi.io/*',
    kinds: 'KafkaConnect KafkaMirrorMaker2 KafkaBridge',
    fields: 'spec.image',
    source: 'https://strimzi.io/docs/operators/latest/configuring.html',
  },
  {
    apiVersion: 'elasticsearch.k8s.elastic.co/*',
    kinds: 'Elasticsearch',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'kibana.k8s.elastic.co/*',
    kinds: 'Kibana',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'apm.k8s.elastic.co/*',
    kinds: 'ApmServer',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'beat.k8s.elastic.co/*',
    kinds: 'Beat',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'agent.k8s.elastic.co/*',
    kinds: 'Agent',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'enterprisesearch.k8s.elastic.co/*',
    kinds: 'EnterpriseSearch',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'logstash.k8s.elastic.co/*',
    kinds: 'Logstash',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'maps.k8s.elastic.co/*',
    kinds: 'ElasticMapsServer',
    fields: 'spec.image',
    source: 'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
  },
  {
    apiVersion: 'ceph.rook.io/*',
    kinds: 'CephCluster',
    fields: 'spec.cephVersion.image',
    source: 'https://rook.io/docs/rook/latest/CRDs/Cluster/ceph-cluster-crd/',
  },
  {
    apiVersion: 'kubevirt.io/*',
    kinds: 'VirtualMachine VirtualMachineInstanceReplicaSet',
    fields: 'spec.template.spec.volumes[].containerDisk.image',
    source: 'https://kubevirt.io/user-guide/storage/disks_and_volumes/#containerdisk',
  },
  {
    apiVersion: 'kubevirt.io/*',
    kinds: 'VirtualMachineInstance',
    fields: 'spec.volumes[].containerDisk.image',
    source: 'https://kubevirt.io/user-guide/storage/disks_and_volumes/#containerdisk',
  },
  {
    apiVersion: 'pool.kubevirt.io/*',
    kinds: 'VirtualMachinePool',
    fields: 'spec.virtualMachineTemplate.spec.template.spec.volumes[].containerDisk.image',
    source: 'https://kubevirt.io/user-guide/storage/disks_and_volumes/#containerdisk',
  },
  {
    apiVersion: 'apps.kruise.io/*',
    kinds: 'ImagePullJob',
    fields: 'spec.image',
    source: 'https://openkruise.io/docs/user-manuals/imagepulljob',
  },
  {
    apiVersion: 'apps.kruise.io/*',
    kinds: 'ImageListPullJob',
    fields: 'spec.images[]',
    source: 'https://openkruise.io/docs/user-manuals/imagepulljob',
  },
  {
    apiVersion: 'install.istio.io/*',
    kinds: 'IstioOperator',
    fields: 'spec',
    format: 'map',
    source: 'https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/',
  },
  {
    apiVersion: 'apps.gitlab.com/*',
    kinds: 'Runner',
    fields: 'spec.runnerImage spec.helperImage spec.buildImage',
    source: 'https://docs.gitlab.com/runner/configuration/configuring_runner_operator/',
  },
  {
    apiVersion: 'opentelemetry.io/*',
    kinds: 'OpenTelemetryCollector',
    fields: 'spec.image',
    source: 'https://opentelemetry.io/docs/platforms/kubernetes/operator/',
  },
  {
    apiVersion: 'opentelemetry.io/*',
    kinds: 'Instrumentation',
    fields:
      'spec.java.image spec.nodejs.image spec.python.image spec.dotnet.image spec.go.image spec.apacheHttpd.image spec.nginx.image',
    source: 'https://opentelemetry.io/docs/platforms/kubernetes/operator/',
  },
  {
    apiVersion: 'jaegertracing.io/*',
    kinds: 'Jaeger',
    fields: 'spec.allInOne.image spec.collector.image spec.query.image spec.agent.image spec.ingester.image',
    source: 'https://www.jaegertracing.io/docs/1.76/deployment/operator/',
  },
  {
    apiVersion: 'minio.min.io/*',
    kinds: 'Tenant',
    fields: 'spec.image',
    source: 'https://github.com/minio/operator/blob/master/docs/tenant_crd.adoc',
  },
  {
    apiVersion: 'rabbitmq.com/*',
    kinds: 'RabbitmqCluster',
    fields: 'spec.image',
    source: 'https://www.rabbitmq.com/kubernetes/operator/using-operator',
  },
  {
    apiVersion: 'databases.spotahome.com/*',
    kinds: 'RedisFailover',
    fields: 'spec.redis.image spec.sentinel.image',
    source: 'https://github.com/spotahome/redis-operator',
  },
  {
    apiVersion: 'redis.redis.opstreelabs.in/*',
    kinds: 'Redis RedisCluster RedisReplication RedisSentinel',
    fields: 'spec.kubernetesConfig.image',
    source: 'https://redis-operator.opstree.dev/docs/crd-reference/redis-api/',
  },
  {
    apiVersion: 'acid.zalan.do/*',
    kinds: 'postgresql',
    fields: 'spec.dockerImage',
    source: 'https://postgres-operator.readthedocs.io/en/latest/reference/cluster_manifest/',
  },
  {
    apiVersion: 'postgres-operator.crunchydata.com/*',
    kinds: 'PostgresCluster',
    fields: 'spec.image spec.backups.pgbackrest.image spec.proxy.pgBouncer.image',
    source: 'https://access.crunchydata.com/documentation/postgres-operator/latest/references/crd',
  },
  {
    apiVersion: 'pxc.percona.com/*',
    kinds: 'PerconaXtraDBCluster',
    fields:
      'spec.pxc.image spec.haproxy.image spec.proxysql.image spec.logcollector.image spec.backup.image spec.pmm.image spec.initContainer.image',
    source: 'https://docs.percona.com/percona-operator-for-mysql/pxc/operator.html',
  },
  {
    apiVersion: 'psmdb.percona.com/*',
    kinds: 'PerconaServerMongoDB',
    fields: 'spec.image spec.backup.image spec.pmm.image spec.initImage',
    source: 'https://docs.percona.com/percona-operator-for-mongodb/operator.html',
  },
  {
    apiVersion: 'k8s.mariadb.com/*',
    kinds: 'MariaDB',
    fields: 'spec.image spec.maxScale.image spec.metrics.exporter.image',
    source: 'https://github.com/mariadb-operator/mariadb-operator/blob/main/docs/api_reference.md',
  },
  {
    apiVersion: 'apps.emqx.io/*',
    kinds: 'EMQX',
    fields: 'spec.image',
    source: 'https://docs.emqx.com/en/emqx-operator/latest/reference/v2-reference.html',
  },
  {
    apiVersion: 'gateway.envoyproxy.io/*',
    kinds: 'EnvoyProxy',
    fields:
      'spec.provider.kubernetes.envoyDeployment.container.image spec.provider.kubernetes.envoyDaemonSet.container.image',
    source: 'https://gateway.envoyproxy.io/docs/api/extension_types/',
  },
  {
    apiVersion: 'gateway.envoyproxy.io/*',
    kinds: 'EnvoyProxy',
    fields:
      'spec.provider.kubernetes.envoyDeployment.container.imageRepository spec.provider.kubernetes.envoyDaemonSet.container.imageRepository',
    format: 'repository',
    source: 'https://gateway.envoyproxy.io/docs/api/extension_types/',
  },
  {
    apiVersion: 'sparkoperator.k8s.io/*',
    kinds: 'SparkApplication',
    fields: 'spec.image spec.driver.image spec.executor.image',
    source: 'https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md',
  },
  {
    apiVersion: 'sparkoperator.k8s.io/*',
    kinds: 'ScheduledSparkApplication',
    fields: 'spec.template.image spec.template.driver.image spec.template.executor.image',
    source: 'https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md',
  },
  {
    apiVersion: 'flink.apache.org/*',
    kinds: 'FlinkDeployment',
    fields: 'spec.image',
    source:
      'https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-main/docs/custom-resource/reference/',
  },
  {
    apiVersion: 'cassandra.datastax.com/*',
    kinds: 'CassandraDatacenter',
    fields: 'spec.serverImage',
    source: 'https://docs.k8ssandra.io/reference/crd/cass-operator-crds-latest/',
  },
  {
    apiVersion: 'k8s.keycloak.org/*',
    kinds: 'Keycloak',
    fields: 'spec.image',
    source: 'https://www.keycloak.org/operator/customizing-keycloak',
  },
  {
    apiVersion: 'longhorn.io/*',
    kinds: 'EngineImage',
    fields: 'spec.image',
    source: 'https://longhorn.io/docs/latest/references/',
  },
  {
    apiVersion: 'actions.summerwind.dev/*',
    kinds: 'RunnerDeployment RunnerSet',
    fields: 'spec.template.spec.image spec.template.spec.dockerdContainerImage',
    source: 'https://github.com/actions/actions-runner-controller',
  },
  {
    apiVersion: 'operators.coreos.com/*',
    kinds: 'CatalogSource',
    fields: 'spec.image',
    source: 'https://olm.operatorframework.io/docs/concepts/crds/catalogsource/',
  },
];

/** The built-in rules; a user's own come after them. */
export const builtInRules: readonly ImageRule[] = rows.flatMap(
  ({ apiVersion, kinds, fields, format = 'reference' }) =>
    kinds
      .split(' ')
      .flatMap((kind) => fields.split(' ').map((field) => ({ apiVersion, kind, field, format }))),
);
