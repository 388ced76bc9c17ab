package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact/types"
)

// registry makes a domain and repositories, lists them page by page, and
// fails in the ways that have a type.
func registry(ctx context.Context, c aws.Config) error {
	artifacts := codeartifact.NewFromConfig(c)
	domain, err := artifacts.CreateDomain(ctx, &codeartifact.CreateDomainInput{Domain: aws.String("acme")})
	if err != nil {
		return err
	}
	if arn := aws.ToString(domain.Domain.Arn); !strings.HasSuffix(arn, ":domain/acme") {
		return fmt.Errorf("got the domain %s, want acme", arn)
	}
	for _, name := range []string{"one", "two", "three", "four", "five"} {
		if _, err := artifacts.CreateRepository(ctx, &codeartifact.CreateRepositoryInput{
			Domain: aws.String("acme"), Repository: aws.String(name),
		}); err != nil {
			return err
		}
	}
	if err := pages(ctx, artifacts); err != nil {
		return err
	}
	token, err := artifacts.GetAuthorizationToken(ctx, &codeartifact.GetAuthorizationTokenInput{
		Domain: aws.String("acme"), DurationSeconds: aws.Int64(900),
	})
	if err != nil {
		return err
	}
	if left := time.Until(*token.Expiration); left <= 14*time.Minute || left > 15*time.Minute {
		return fmt.Errorf("the token lives for %v, want 15 minutes", left)
	}
	return failures(ctx, artifacts)
}

func pages(ctx context.Context, artifacts *codeartifact.Client) error {
	var got [][]string
	p := codeartifact.NewListRepositoriesInDomainPaginator(artifacts,
		&codeartifact.ListRepositoriesInDomainInput{Domain: aws.String("acme"), MaxResults: aws.Int32(2)})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		var names []string
		for _, r := range page.Repositories {
			names = append(names, aws.ToString(r.Name))
		}
		got = append(got, names)
	}
	if want := [][]string{{"five", "four"}, {"one", "three"}, {"two"}}; !reflect.DeepEqual(got, want) {
		return fmt.Errorf("got the pages %v, want %v", got, want)
	}
	return nil
}

func failures(ctx context.Context, artifacts *codeartifact.Client) error {
	_, err := artifacts.CreateDomain(ctx, &codeartifact.CreateDomainInput{Domain: aws.String("acme")})
	if err := failed("a domain made twice", err, func(e *types.ConflictException) bool {
		return e.ResourceType == types.ResourceTypeDomain
	}); err != nil {
		return err
	}
	_, err = artifacts.DescribeRepository(ctx, &codeartifact.DescribeRepositoryInput{
		Domain: aws.String("acme"), Repository: aws.String("six"),
	})
	if err := failed("a repository that is not there", err, func(e *types.ResourceNotFoundException) bool {
		return e.ResourceType == types.ResourceTypeRepository
	}); err != nil {
		return err
	}
	_, err = artifacts.GetAuthorizationToken(ctx, &codeartifact.GetAuthorizationTokenInput{
		Domain: aws.String("acme"), DurationSeconds: aws.Int64(100),
	})
	return failed("a token for 100 seconds", err, func(e *types.ValidationException) bool {
		return e.Reason == types.ValidationExceptionReasonFieldValidationFailed
	})
}
