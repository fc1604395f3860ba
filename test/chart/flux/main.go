// Command flux reads manifests from standard input, does what Flux's controllers do with them, using Flux's own library,
// and prints the result for each as a JSON object:
//
//	flux apply   applies them as kustomize-controller does
//	flux diff    finds what kustomize-controller would change
//	flux drift   finds what helm-controller's drift detection would report and correct
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/jsondiff"
	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type command func(context.Context, client.Client, []*unstructured.Unstructured) (map[string]any, error)

var commands = map[string]command{"apply": apply, "diff": diff, "drift": drift}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 || commands[os.Args[1]] == nil {
		return fmt.Errorf("usage: flux apply|diff|drift < manifests")
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	c, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	objects, err := utils.ReadObjects(os.Stdin)
	if err != nil {
		return err
	}
	results, err := commands[os.Args[1]](context.Background(), c, objects)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(results)
}

func apply(ctx context.Context, c client.Client, objects []*unstructured.Unstructured) (map[string]any, error) {
	changes, err := managerOf(c, objects).ApplyAllStaged(ctx, objects, ssa.DefaultApplyOptions())
	if err != nil {
		return nil, err
	}
	results := map[string]any{}
	for _, entry := range changes.Entries {
		results[entry.Subject] = entry.Action
	}
	return results, nil
}

func diff(ctx context.Context, c client.Client, objects []*unstructured.Unstructured) (map[string]any, error) {
	manager := managerOf(c, objects)
	results := map[string]any{}
	for _, object := range objects {
		entry, _, _, err := manager.Diff(ctx, object, ssa.DefaultDiffOptions())
		if err != nil {
			return nil, err
		}
		results[entry.Subject] = entry.Action
	}
	return results, nil
}

// drift does what internal/action/diff.go in helm-controller does.
func drift(ctx context.Context, c client.Client, objects []*unstructured.Unstructured) (map[string]any, error) {
	if err := normalize.UnstructuredListWithScheme(objects, c.Scheme()); err != nil {
		return nil, err
	}
	set, err := jsondiff.UnstructuredList(ctx, c, objects,
		jsondiff.FieldOwner("helm-controller"), jsondiff.Rationalize(true), jsondiff.Graceful(true))
	if err != nil {
		return nil, err
	}
	results := map[string]any{}
	for _, found := range set {
		if found.Type != jsondiff.DiffTypeNone {
			results[utils.FmtUnstructured(found.DesiredObject.(*unstructured.Unstructured))] = found.Patch
		}
	}
	return results, nil
}

// managerOf returns a manager like kustomize-controller's, with the labels that it uses for pruning.
func managerOf(c client.Client, objects []*unstructured.Unstructured) *ssa.ResourceManager {
	poller := polling.NewStatusPoller(c, c.RESTMapper(), polling.Options{})
	owner := ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"}
	manager := ssa.NewResourceManager(c, poller, owner)
	manager.SetOwnerLabels(objects, "labels", "flux-system")
	return manager
}
