// Images, audio, pdf and video as arguments and values.

package baml

import (
	"encoding/base64"
	"encoding/json"
)

// MediaKind is image, audio, pdf or video.
type MediaKind string

// The kinds of media.
const (
	Image MediaKind = "image"
	Audio MediaKind = "audio"
	PDF   MediaKind = "pdf"
	Video MediaKind = "video"
)

// mediaKinds is in the order of the wire form.
var mediaKinds = [...]MediaKind{Image, Audio, PDF, Video}

// Media is an image, audio, pdf or video, as an argument or inside a value. Either URL or Base64
// is set.
type Media struct {
	Kind      MediaKind
	URL       string
	Base64    string
	MediaType string
}

// MediaURL names media by its address. The media type may be empty.
func MediaURL(kind MediaKind, url, mediaType string) Media {
	return Media{Kind: kind, URL: url, MediaType: mediaType}
}

// MediaBytes carries media in the call itself.
func MediaBytes(kind MediaKind, data []byte, mediaType string) Media {
	return Media{Kind: kind, Base64: base64.StdEncoding.EncodeToString(data), MediaType: mediaType}
}

type mediaForm struct {
	Kind      MediaKind `json:"$media"`
	URL       *string   `json:"url,omitempty"`
	Base64    *string   `json:"base64,omitempty"`
	MediaType string    `json:"media_type,omitempty"`
}

// MarshalJSON writes the form in which arguments are passed on.
func (m Media) MarshalJSON() ([]byte, error) {
	form := mediaForm{Kind: m.Kind, MediaType: m.MediaType}
	if m.Base64 != "" {
		form.Base64 = &m.Base64
	} else {
		form.URL = &m.URL
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Media) UnmarshalJSON(text []byte) error {
	var form mediaForm
	if err := json.Unmarshal(text, &form); err != nil {
		return err
	}
	*m = Media{Kind: form.Kind, MediaType: form.MediaType}
	if form.URL != nil {
		m.URL = *form.URL
	}
	if form.Base64 != nil {
		m.Base64 = *form.Base64
	}
	return nil
}
