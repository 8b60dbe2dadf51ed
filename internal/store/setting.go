package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Settings implements bot.Records.
func (s *Store) Settings(ctx context.Context, o bot.SettingOwner) (map[string]string, error) {
	rows, err := s.reads.QueryContext(ctx,
		`SELECT name, value FROM setting WHERE platform = ? AND tenant = ? AND scope = ? AND owner = ?`,
		o.Platform, o.Tenant, o.Scope, o.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, rows.Err()
}

// SaveSetting implements bot.Records.
func (s *Store) SaveSetting(ctx context.Context, o bot.SettingOwner, name, value, by string, at time.Time) error {
	if value == "" {
		_, err := s.exec(ctx,
			`DELETE FROM setting WHERE platform = ? AND tenant = ? AND scope = ? AND owner = ? AND name = ?`,
			o.Platform, o.Tenant, o.Scope, o.ID, name)
		return err
	}
	_, err := s.exec(ctx,
		`INSERT INTO setting (platform, tenant, scope, owner, name, value, author, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, scope, owner, name)
		 DO UPDATE SET value = excluded.value, author = excluded.author, at = excluded.at`,
		o.Platform, o.Tenant, o.Scope, o.ID, name, value, by, at.Unix())
	return err
}

// SettingOwners implements bot.Records.
func (s *Store) SettingOwners(ctx context.Context, platform, tenant, scope, name string) (map[bot.SettingOwner]string, error) {
	rows, err := s.reads.QueryContext(ctx,
		`SELECT tenant, owner, value FROM setting WHERE platform = ? AND (tenant = ? OR ? = '') AND scope = ? AND name = ?`,
		platform, tenant, tenant, scope, name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[bot.SettingOwner]string{}
	for rows.Next() {
		o := bot.SettingOwner{Platform: platform, Scope: scope}
		var value string
		if err := rows.Scan(&o.Tenant, &o.ID, &value); err != nil {
			return nil, err
		}
		out[o] = value
	}
	return out, rows.Err()
}

// Quiet implements bot.Records.
func (s *Store) Quiet(ctx context.Context, p bot.Place) (bool, error) {
	var n int
	err := s.reads.QueryRowContext(ctx,
		`SELECT COUNT(*) FROM quiet WHERE platform = ? AND tenant = ? AND channel = ? AND thread = ? AND active = 1`,
		p.Platform, p.Tenant, p.Channel, p.Thread).Scan(&n)
	return n > 0, err
}

// BeginQuiet implements bot.Records.
func (s *Store) BeginQuiet(ctx context.Context, p bot.Place, reason string, at, again time.Time) (bool, error) {
	return changed(s.exec(ctx,
		`INSERT INTO quiet (platform, tenant, channel, thread, reason, active, at) VALUES (?, ?, ?, ?, ?, 1, ?)
		 ON CONFLICT (platform, tenant, channel, thread, reason)
		 DO UPDATE SET active = 1, at = excluded.at WHERE quiet.active = 0 AND quiet.at < ?`,
		p.Platform, p.Tenant, p.Channel, p.Thread, reason, at.Unix(), again.Unix()))
}

// EndQuiet implements bot.Records.
func (s *Store) EndQuiet(ctx context.Context, p bot.Place) error {
	_, err := s.exec(ctx,
		`UPDATE quiet SET active = 0 WHERE platform = ? AND tenant = ? AND channel = ? AND thread = ?`,
		p.Platform, p.Tenant, p.Channel, p.Thread)
	return err
}

// changed reports whether a statement changed a row.
func changed(n int64, err error) (bool, error) { return n > 0, err }

// found turns a missing row into ok false.
func found(err error) (ok bool, _ error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
