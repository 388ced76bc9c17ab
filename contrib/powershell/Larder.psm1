# PowerShell over the larder binary. The module maps parameters and makes
# objects of JSON; all else, -Select too, is done by "larder cmdlet", which is
# tested. The module itself was not run where it was written: PowerShell was
# not to be had there.

function Get-CAAuthorizationToken {
    <#
    .SYNOPSIS
    Gets an authorization token for a domain of Larder or AWS CodeArtifact.
    .DESCRIPTION
    Takes the parameters of the cmdlet of the same name in the AWS Tools for PowerShell and runs the larder binary,
    which must be in the path. Keys go to it in its environment and never on its command line. The module is thin:
    what it prints is made by "larder cmdlet get-ca-authorization-token", where tests reach it; the module itself
    has not been run by its authors.
    .PARAMETER Select
    '*' for the whole answer, the name of a property such as AuthorizationToken or Expiration, or '^' and the name of
    a parameter, whose value is then returned.
    .EXAMPLE
    Get-CAAuthorizationToken -Domain team -Select AuthorizationToken
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)] [string] $Domain,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $DomainOwner,
        [Parameter(ValueFromPipelineByPropertyName)] [Alias('DurationSeconds')] [Nullable[long]] $DurationSecond,
        [string] $Select = '*',
        [Parameter(ValueFromPipelineByPropertyName)] [string] $ProfileName,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $ProfileLocation,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $Region,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $EndpointUrl,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $AccessKey,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $SecretKey,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $SessionToken
    )
    process {
        $words = @('cmdlet', 'get-ca-authorization-token', "--domain=$Domain", "--select=$Select")
        if ($DomainOwner) { $words += "--domain-owner=$DomainOwner" }
        if ($null -ne $DurationSecond) { $words += "--duration-seconds=$DurationSecond" }
        if ($ProfileName) { $words += "--profile=$ProfileName" }
        if ($Region) { $words += "--region=$Region" }
        if ($EndpointUrl) { $words += "--endpoint-url=$EndpointUrl" }
        $names = @{
            AWS_SHARED_CREDENTIALS_FILE = $ProfileLocation
            AWS_ACCESS_KEY_ID           = $AccessKey
            AWS_SECRET_ACCESS_KEY       = $SecretKey
            AWS_SESSION_TOKEN           = $SessionToken
        }
        $before = @{}
        try {
            foreach ($name in $names.Keys) {
                if ($names[$name]) {
                    $before[$name] = [Environment]::GetEnvironmentVariable($name)
                    [Environment]::SetEnvironmentVariable($name, $names[$name])
                }
            }
            $json = & larder @words
            if ($LASTEXITCODE -ne 0) {
                Write-Error "larder exited with $LASTEXITCODE; it says why above."
                return
            }
            $json | Out-String | ConvertFrom-Json
        }
        finally {
            foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
        }
    }
}

Export-ModuleMember -Function Get-CAAuthorizationToken
