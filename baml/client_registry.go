// Clients made at run time. Plain data: what they mean is the runtime's business.

package baml

// ClientRegistry holds clients made at run time. The zero value is empty and ready.
type ClientRegistry struct {
	Primary string           `json:"primary,omitempty"`
	Clients []RegistryClient `json:"clients,omitempty"`
}

// RegistryClient is one client, with options as in the sources.
type RegistryClient struct {
	Name        string         `json:"name"`
	Provider    string         `json:"provider"`
	Options     map[string]any `json:"options"`
	RetryPolicy string         `json:"retry_policy,omitempty"`
}

// Add adds a client and returns the registry.
func (r *ClientRegistry) Add(name, provider string, options map[string]any) *ClientRegistry {
	r.Clients = append(r.Clients, RegistryClient{Name: name, Provider: provider, Options: options})
	return r
}

// SetPrimary names the client to call through and returns the registry.
func (r *ClientRegistry) SetPrimary(name string) *ClientRegistry {
	r.Primary = name
	return r
}
