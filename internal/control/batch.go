package control

import (
	"context"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/registry"
)

func (p *Plane) deletePackageVersions(ctx context.Context, in *codeartifact.DeletePackageVersionsInput) (*codeartifact.DeletePackageVersionsOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	b, err := p.Registry.DeletePackageVersions(ctx, ref, registry.Selection{Versions: in.Versions, Expected: in.ExpectedStatus})
	if err != nil {
		return nil, err
	}
	for name, v := range b.Done {
		v.Status = larder.Deleted
		b.Done[name] = v
	}
	return &codeartifact.DeletePackageVersionsOutput{SuccessfulVersions: successes(b), FailedVersions: failures(b)}, nil
}

func (p *Plane) updatePackageVersionsStatus(ctx context.Context, in *codeartifact.UpdatePackageVersionsStatusInput) (*codeartifact.UpdatePackageVersionsStatusOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	switch in.TargetStatus {
	case larder.Published, larder.Unlisted, larder.Archived:
	default:
		return nil, larder.Errorf(larder.Invalid, "targetStatus must be one of Published, Unlisted and Archived, not %s.", in.TargetStatus)
	}
	s, err := selection(in.Versions, in.VersionRevisions, in.ExpectedStatus)
	if err != nil {
		return nil, err
	}
	b, err := p.Registry.UpdatePackageVersionsStatus(ctx, ref, s, in.TargetStatus)
	if err != nil {
		return nil, err
	}
	return &codeartifact.UpdatePackageVersionsStatusOutput{SuccessfulVersions: successes(b), FailedVersions: failures(b)}, nil
}

func (p *Plane) disposePackageVersions(ctx context.Context, in *codeartifact.DisposePackageVersionsInput) (*codeartifact.DisposePackageVersionsOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	s, err := selection(in.Versions, in.VersionRevisions, in.ExpectedStatus)
	if err != nil {
		return nil, err
	}
	b, err := p.Registry.DisposePackageVersions(ctx, ref, s)
	if err != nil {
		return nil, err
	}
	return &codeartifact.DisposePackageVersionsOutput{SuccessfulVersions: successes(b), FailedVersions: failures(b)}, nil
}

// selection is what a call names. Where revisions are named, they are those
// of the versions.
func selection(versions []string, revisions map[string]string, expected larder.Status) (registry.Selection, error) {
	if len(revisions) > 0 {
		for _, v := range versions {
			if _, ok := revisions[v]; !ok {
				return registry.Selection{}, larder.Errorf(larder.Invalid, "versions names %s, versionRevisions does not: both must name the same versions.", v)
			}
		}
		for v := range revisions {
			if !slices.Contains(versions, v) {
				return registry.Selection{}, larder.Errorf(larder.Invalid, "versionRevisions names %s, versions does not: both must name the same versions.", v)
			}
		}
	}
	return registry.Selection{Versions: versions, Revisions: revisions, Expected: expected}, nil
}

func successes(b registry.Batch) map[string]codeartifact.SuccessfulPackageVersionInfo {
	all := map[string]codeartifact.SuccessfulPackageVersionInfo{}
	for name, v := range b.Done {
		all[name] = codeartifact.SuccessfulPackageVersionInfo{Revision: v.Revision, Status: v.Status}
	}
	return all
}

func failures(b registry.Batch) map[string]codeartifact.PackageVersionError {
	all := map[string]codeartifact.PackageVersionError{}
	for name, f := range b.Failed {
		all[name] = codeartifact.PackageVersionError{ErrorCode: f.Code, ErrorMessage: f.Message}
	}
	return all
}
