import type { OperatorRules } from './operator-rules.ts';

/** The fields of an Argo Workflow below its spec, put before each of them. */
function ofWorkflow(spec: string): string {
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
    'templateDefaults.sidecars[].image',
    'executorPlugins[].spec.sidecar.container.image',
  ]
    .map((field) => spec + field)
    .join(' ');
}

/** The fields of a Tekton Task's spec. */
function ofTask(...specs: readonly string[]): string {
  return specs
    .flatMap((spec) => ['steps[].image', 'sidecars[].image', 'stepTemplate.image'].map((key) => spec + key))
    .join(' ');
}

/** The fields of a virtual machine's spec. */
function ofMachine(spec: string): string {
  return `${spec}volumes[].containerDisk.image ${spec}domain.firmware.kernelBoot.container.image`;
}

const predictors =
  'model sklearn xgboost tensorflow pytorch triton onnx huggingface pmml lightgbm paddle'.split(' ');

/** Observability, delivery, networks, virtual machines and what else a platform is made of. */
export const platformRules: readonly OperatorRules[] = [
  {
    source:
      'https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/apis/monitoring/v1/prometheus_types.go',
    reference: {
      'monitoring.coreos.com/* Prometheus': 'spec.image spec.thanos.image',
      'monitoring.coreos.com/* PrometheusAgent Alertmanager ThanosRuler': 'spec.image',
    },
    // Its tag is `sha`, `tag` or `version`, whichever comes first.
    repository: {
      'monitoring.coreos.com/* Prometheus': 'spec.baseImage spec.thanos.baseImage',
      'monitoring.coreos.com/* Alertmanager': 'spec.baseImage',
    },
  },
  {
    source: 'https://github.com/prometheus-operator/prometheus-operator/blob/main/cmd/operator/main.go',
    reference: {
      'apps/v1 Deployment': 'spec.template.spec.containers[].args["--prometheus-config-reloader="]',
    },
  },
  {
    source: 'https://github.com/cert-manager/cert-manager/blob/master/cmd/controller/app/options/options.go',
    reference: {
      'apps/v1 Deployment': 'spec.template.spec.containers[].args["--acme-http01-solver-image="]',
    },
  },
  {
    source:
      'https://github.com/VictoriaMetrics/operator/blob/master/config/crd/overlay/crd.descriptionless.yaml',
    map: {
      'operator.victoriametrics.com/* VMAgent VMAlert VMAlertmanager VMAnomaly VMAuth VMSingle VLAgent VLSingle VTSingle':
        'spec.image',
      'operator.victoriametrics.com/* VMCluster':
        'spec.vminsert.image spec.vmselect.image spec.vmstorage.image',
      'operator.victoriametrics.com/* VLCluster':
        'spec.vlinsert.image spec.vlselect.image spec.vlstorage.image',
      'operator.victoriametrics.com/* VTCluster': 'spec.insert.image spec.select.image spec.storage.image',
    },
    reference: {
      'operator.victoriametrics.com/* VMAgent VMAlert VMAlertmanager VMAuth VMSingle':
        'spec.configReloaderImage spec.configReloaderImageTag',
    },
  },
  {
    source:
      'https://github.com/open-telemetry/opentelemetry-operator/blob/main/apis/v1beta1/opentelemetrycollector_types.go',
    reference: {
      'opentelemetry.io/* OpenTelemetryCollector':
        'spec.image spec.targetAllocator.image spec.additionalContainers[].image',
      'opentelemetry.io/* TargetAllocator': 'spec.image spec.additionalContainers[].image',
      'opentelemetry.io/* OpAMPBridge': 'spec.image',
    },
  },
  {
    source:
      'https://github.com/open-telemetry/opentelemetry-operator/blob/main/apis/v1alpha1/instrumentation_types.go',
    reference: {
      'opentelemetry.io/* Instrumentation':
        'spec.java.image spec.java.extensions[].image spec.nodejs.image spec.python.image spec.dotnet.image spec.go.image spec.apacheHttpd.image spec.nginx.image',
    },
  },
  {
    source: 'https://github.com/jaegertracing/jaeger-operator/blob/main/apis/v1/jaeger_types.go',
    reference: {
      'jaegertracing.io/* Jaeger': [
        'allInOne collector query agent ingester storage.cassandraCreateSchema storage.dependencies',
        'storage.elasticsearch storage.esIndexCleaner storage.esRollover storage.grpcPlugin',
      ]
        .join(' ')
        .replaceAll(/\S+/g, 'spec.$&.image'),
    },
  },
  {
    source:
      'https://github.com/argoproj/argo-workflows/blob/main/pkg/apis/workflow/v1alpha1/workflow_types.go',
    reference: {
      'argoproj.io/* Workflow WorkflowTemplate ClusterWorkflowTemplate': ofWorkflow('spec.'),
      'argoproj.io/* CronWorkflow': ofWorkflow('spec.workflowSpec.'),
    },
  },
  {
    source: 'https://github.com/argoproj/argo-workflows/blob/main/pkg/plugins/spec/plugin_types.go',
    reference: { 'argoproj.io/* ExecutorPlugin': 'spec.sidecar.container.image' },
  },
  {
    source: 'https://github.com/argoproj-labs/argocd-operator/blob/master/api/v1beta1/argocd_types.go',
    map: {
      'argoproj.io/* ArgoCD':
        'spec spec.applicationSet spec.grafana spec.notifications spec.redis spec.repo spec.sso.dex spec.sso.keycloak',
    },
    reference: {
      'argoproj.io/* ArgoCD':
        'spec.argoCDAgent.agent.image spec.argoCDAgent.principal.image spec.controller.sidecarContainers[].image spec.repo.sidecarContainers[].image spec.server.sidecarContainers[].image',
    },
    repository: { 'argoproj.io/* ArgoCD': 'spec.ha.redisProxyImage' },
    tag: { 'argoproj.io/* ArgoCD': 'spec.ha.redisProxyVersion' },
  },
  {
    source: 'https://github.com/argoproj-labs/argocd-operator/blob/master/api/v1alpha1/argocd_types.go',
    map: { 'argoproj.io/v1alpha1 ArgoCD': 'spec.dex spec.sso', 'argoproj.io/* ArgoCDExport': 'spec' },
  },
  {
    source: 'https://github.com/tektoncd/pipeline/blob/main/pkg/apis/pipeline/v1/task_types.go',
    reference: {
      'tekton.dev/* Task ClusterTask': ofTask('spec.'),
      'tekton.dev/* TaskRun': ofTask('spec.taskSpec.'),
      'tekton.dev/* Pipeline': ofTask('spec.tasks[].taskSpec.', 'spec.finally[].taskSpec.'),
      'tekton.dev/* PipelineRun': ofTask(
        'spec.pipelineSpec.tasks[].taskSpec.',
        'spec.pipelineSpec.finally[].taskSpec.',
      ),
    },
  },
  {
    source: 'https://github.com/tektoncd/pipeline/blob/main/pkg/apis/pipeline/v1beta1/stepaction_types.go',
    reference: { 'tekton.dev/* StepAction': 'spec.image' },
  },
  {
    source: 'https://github.com/knative/serving/blob/main/config/core/300-imagecache.yaml',
    reference: { 'caching.internal.knative.dev/* Image': 'spec.image' },
  },
  {
    source: 'https://github.com/knative/operator/blob/main/pkg/apis/operator/base/common.go',
    reference: {
      'operator.knative.dev/* KnativeServing KnativeEventing':
        'spec.registry.default spec.registry.override.*',
    },
  },
  {
    source: 'https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1beta1/predictor.go',
    reference: {
      'serving.kserve.io/* InferenceService': [
        ...predictors.map((name) => `spec.predictor.${name}.image`),
        'spec.explainer.art.image',
      ].join(' '),
    },
  },
  {
    source:
      'https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1alpha1/storage_container_types.go',
    reference: { 'serving.kserve.io/* ClusterStorageContainer': 'spec.container.image' },
  },
  {
    source: 'https://github.com/istio/istio/blob/master/operator/pkg/apis/types.go',
    map: {
      'install.istio.io/* IstioOperator':
        'spec spec.components.pilot spec.components.cni spec.components.ztunnel spec.components.ingressGateways[] spec.components.egressGateways[]',
    },
  },
  {
    source: 'https://github.com/envoyproxy/gateway/blob/main/api/v1alpha1/shared_types.go',
    reference: {
      'gateway.envoyproxy.io/* EnvoyProxy':
        'spec.provider.kubernetes.envoyDeployment.container.image spec.provider.kubernetes.envoyDaemonSet.container.image',
    },
    repository: {
      'gateway.envoyproxy.io/* EnvoyProxy':
        'spec.provider.kubernetes.envoyDeployment.container.imageRepository spec.provider.kubernetes.envoyDaemonSet.container.imageRepository',
    },
  },
  {
    source: 'https://github.com/kubevirt/kubevirt/blob/main/staging/src/kubevirt.io/api/core/v1/schema.go',
    reference: {
      'kubevirt.io/* VirtualMachine VirtualMachineInstanceReplicaSet': ofMachine('spec.template.spec.'),
      'kubevirt.io/* VirtualMachineInstance': ofMachine('spec.'),
      'pool.kubevirt.io/* VirtualMachinePool': ofMachine('spec.virtualMachineTemplate.spec.template.spec.'),
    },
  },
  {
    source: 'https://github.com/kubevirt/kubevirt/blob/main/staging/src/kubevirt.io/api/core/v1/types.go',
    reference: { 'kubevirt.io/* KubeVirt': 'spec.configuration.network.binding.*.sidecarImage' },
  },
  {
    source: 'https://github.com/openkruise/kruise/blob/master/apis/apps/v1beta1/imagepulljob_types.go',
    reference: {
      'apps.kruise.io/* ImagePullJob': 'spec.image',
      'apps.kruise.io/* ImageListPullJob': 'spec.images[]',
      'apps.kruise.io/* AdvancedCronJob': 'spec.template.imageListPullJobTemplate.spec.images[]',
      'apps.kruise.io/* SidecarSet':
        'spec.containers[].upgradeStrategy.hotUpgradeEmptyImage spec.initContainers[].upgradeStrategy.hotUpgradeEmptyImage',
    },
  },
  {
    source:
      'https://gitlab.com/gitlab-org/gl-openshift/gitlab-runner-operator/-/blob/v1.25.0/api/v1beta2/runner_types.go',
    reference: { 'apps.gitlab.com/* Runner': 'spec.runnerImage spec.helperImage spec.buildImage' },
  },
  {
    source:
      'https://github.com/actions/actions-runner-controller/blob/master/apis/actions.summerwind.net/v1alpha1/runner_types.go',
    reference: {
      'actions.summerwind.dev/* Runner': 'spec.image spec.sidecarContainers[].image',
      'actions.summerwind.dev/* RunnerDeployment RunnerReplicaSet':
        'spec.template.spec.image spec.template.spec.sidecarContainers[].image',
      'actions.summerwind.dev/* RunnerSet': 'spec.image',
    },
  },
  {
    source: 'https://github.com/kubeflow/spark-operator/blob/master/api/v1beta2/sparkapplication_types.go',
    reference: {
      'sparkoperator.k8s.io/* SparkApplication':
        'spec.image spec.driver.image spec.executor.image spec.driver.sidecars[].image spec.executor.sidecars[].image',
      'sparkoperator.k8s.io/* ScheduledSparkApplication':
        'spec.template.image spec.template.driver.image spec.template.executor.image spec.template.driver.sidecars[].image spec.template.executor.sidecars[].image',
      'sparkoperator.k8s.io/* SparkConnect': 'spec.image',
    },
  },
  {
    source:
      'https://github.com/apache/flink-kubernetes-operator/blob/main/flink-kubernetes-operator-api/src/main/java/org/apache/flink/kubernetes/operator/api/spec/FlinkDeploymentSpec.java',
    reference: {
      'flink.apache.org/* FlinkDeployment': 'spec.image',
      'flink.apache.org/* FlinkBlueGreenDeployment': 'spec.template.spec.image',
    },
  },
  {
    source:
      'https://github.com/keycloak/keycloak/blob/main/operator/src/main/java/org/keycloak/operator/crds/v2alpha1/deployment/KeycloakSpec.java',
    reference: { 'k8s.keycloak.org/* Keycloak': 'spec.image' },
  },
  {
    source:
      'https://github.com/operator-framework/api/blob/master/pkg/operators/v1alpha1/catalogsource_types.go',
    reference: { 'operators.coreos.com/* CatalogSource': 'spec.image' },
  },
];
